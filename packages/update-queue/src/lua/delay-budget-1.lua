-- A call left later than its moment: the calls behind it keep their distance to it.
-- KEYS  1 budget hash
-- ARGV  1 when it left (µs, Redis clock)   2 configured calls per second
-- RETURNS 1
-- GUARANTEE the next moment that is reserved or confirmed is a whole interval after the late call.
-- include rate-in-use.lua
local budgetKey, leftUs, configured = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local budget = readBudget(budgetKey, configured, leftUs)
local tatUs = math.max(budget.tatUs, leftUs + 1000000 / budget.rate)
local lateUs = math.max(leftUs, tonumber(redis.call("HGET", budgetKey, "lateUs")) or 0)
redis.call("HSET", budgetKey, "tatUs", string.format("%.0f", tatUs), "lateUs", string.format("%.0f", lateUs))
return 1
