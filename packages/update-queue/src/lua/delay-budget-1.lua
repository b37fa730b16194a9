-- A call left later than its moment: the calls behind it keep their distance to it.
-- KEYS  1 budget hash
-- ARGV  1 when it left (µs, Redis clock)   2 configured calls per second
-- RETURNS 1
-- GUARANTEE the next moment that is reserved is a whole interval after the late call.
-- include rate-in-use.lua
local sentUs, configured = tonumber(ARGV[1]), tonumber(ARGV[2])
local budget = readBudget(KEYS[1], configured, sentUs)
local nextUs = sentUs + 1000000 / budget.rate
if nextUs > budget.tatUs then
  redis.call("HSET", KEYS[1], "tatUs", string.format("%.0f", nextUs))
end
return 1
