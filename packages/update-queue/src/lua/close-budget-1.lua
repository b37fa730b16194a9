-- The upstream said "too many": closes the budget for everybody and learns from the rate it happened at.
-- KEYS  1 budget hash
-- ARGV  1 close for (ms)   2 configured calls per second   3 floor (calls per second)   4 burst
--       5 µs within which further refusals are the same event   6 "1" = learn from it
-- RETURNS the ceiling × 1000
-- GUARANTEE the closing is only ever prolonged; a burst of refusals counts once. The GCRA clock moves past
--           the closing, burst included, so that work resumes paced.
-- include rate-in-use.lua
local budgetKey = KEYS[1]
local closeMs, configured, floorRate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local burst, sameEventUs = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
local closedUntilUs = math.max(budget.closedUntilUs, nowUs + closeMs * 1000)
local ceiling, holdUs, refusedUs = budget.ceiling, budget.holdUs, budget.refusedUs

if ARGV[6] == "1" and nowUs - refusedUs > sameEventUs and nowUs >= budget.closedUntilUs then
  local isSameLimit = ceiling ~= nil and math.abs(budget.rate - ceiling) <= ceiling * SAME_LIMIT_SHARE
  holdUs = isSameLimit and math.min(holdUs * 2, LONGEST_HOLD_US) or FIRST_HOLD_US
  ceiling = math.max(floorRate, budget.rate)
  refusedUs = nowUs
end
local tatUs = math.max(budget.tatUs, closedUntilUs + (burst - 1) * 1000000 / budget.rate)
redis.call("HSET", budgetKey,
  "tatUs", string.format("%.0f", tatUs), "closedUntilUs", string.format("%.0f", closedUntilUs))
if ceiling then
  redis.call("HSET", budgetKey,
    "ceiling", string.format("%.6f", ceiling), "refusedUs", string.format("%.0f", refusedUs),
    "holdUs", string.format("%.0f", holdUs))
end
return math.floor((ceiling or configured) * 1000)
