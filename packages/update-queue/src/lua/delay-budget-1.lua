-- A call left later than its moment: the calls behind it keep their distance to it.
-- KEYS  1 budget hash
-- ARGV  1 when it left (µs, Redis clock)   2 configured calls per second
-- RETURNS 1
-- GUARANTEE the next moment that is reserved is a whole interval after the late call.
local stored = redis.call("HMGET", KEYS[1], "tatUs", "rate")
local configured = tonumber(ARGV[2])
local rate = math.min(tonumber(stored[2]) or configured, configured)
local nextUs = tonumber(ARGV[1]) + 1000000 / rate
if nextUs > (tonumber(stored[1]) or 0) then
  redis.call("HSET", KEYS[1], "tatUs", string.format("%.0f", nextUs))
end
return 1
