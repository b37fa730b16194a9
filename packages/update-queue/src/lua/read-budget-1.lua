-- What the budget allows at the moment.
-- KEYS  1 budget hash
-- ARGV  1 configured calls per second
-- RETURNS {rate in use × 1000, closed until (Unix ms; 0 = open), closed for (ms from now)}
-- GUARANTEE changes nothing.
-- include rate-in-use.lua
local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(KEYS[1], tonumber(ARGV[1]), nowUs)
local closedUntilMs = budget.closedUntilUs > nowUs and math.floor(budget.closedUntilUs / 1000) or 0
local closedForMs = math.max(0, math.floor((budget.closedUntilUs - nowUs) / 1000))
return { math.floor(budget.rate * 1000), closedUntilMs, closedForMs }
