-- The upstream said "too many": closes the budget for everybody and learns from the rate it happened at.
-- KEYS  1 budget hash
-- ARGV  1 close for (ms)   2 configured calls per second   3 floor (calls per second)   4 burst
--       5 µs within which further refusals are the same event
--       6 how long ago this process last had a call taken (µs; "never" = not yet), or "" = do not learn from it
-- RETURNS the ceiling × 1000
-- GUARANTEE the closing is only ever prolonged; a burst of refusals counts once, and so does a storm that
--           refuses every call, since it says nothing about the rate. The GCRA clock moves past the closing,
--           burst included, so that work resumes paced.
-- include rate-in-use.lua
local CLOSINGS_PER_HOLD, LONGEST_CLOSING_HOLD_US = 20, 600000000
local TOO_HIGH_US = 2000000 -- refused this soon after the start: the limit is much lower
-- Refused although kept away from the ceiling: jitter takes its share of the limit as well.
local WITHIN_HOLD_SHARE = 0.95
local SAME_LIMIT, SAME_START_SHARE, LOWER_SHARE, LOWEST_SHARE = 0.1, 0.9, 0.7, 0.5

local budgetKey = KEYS[1]
local closeUs, configured, floorRate = tonumber(ARGV[1]) * 1000, tonumber(ARGV[2]), tonumber(ARGV[3])
local burst, sameEventUs, successAge = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
local ceiling, holdUs, startShare, refusedUs = budget.ceiling, budget.holdUs, budget.startShare, budget.refusedUs

local isSameEvent = nowUs - refusedUs <= sameEventUs or nowUs < budget.closedUntilUs
local hasSucceeded = refusedUs == 0 or (tonumber(successAge) or math.huge) < nowUs - refusedUs
if successAge ~= "" and hasSucceeded and not isSameEvent then
  local rate = budget.sharedRate
  local openForUs = nowUs - math.max(refusedUs, budget.closedUntilUs)
  local isSameLimit = ceiling ~= nil and math.abs(rate - ceiling) <= ceiling * SAME_LIMIT
  holdUs = isSameLimit and math.min(holdUs * 2, LONGEST_HOLD_US) or FIRST_HOLD_US
  holdUs = math.max(holdUs, math.min(closeUs * CLOSINGS_PER_HOLD, LONGEST_CLOSING_HOLD_US))
  if ceiling ~= nil and openForUs < TOO_HIGH_US then
    startShare = startShare > START_SHARE and START_SHARE or startShare > LOWER_SHARE and LOWER_SHARE or LOWEST_SHARE
  else
    startShare = isSameLimit and SAME_START_SHARE or START_SHARE
  end
  local isWithinHold = ceiling ~= nil and openForUs < budget.holdUs
  ceiling = math.max(floorRate, isWithinHold and rate * WITHIN_HOLD_SHARE or rate)
  refusedUs = nowUs
end
local closedUntilUs = math.max(budget.closedUntilUs, nowUs + math.min(closeUs, LONGEST_CLOSING_US))
local tatUs = math.max(budget.tatUs, closedUntilUs + toleranceOf(burst, budget.rate))
redis.call("HSET", budgetKey,
  "tatUs", string.format("%.0f", tatUs), "closedUntilUs", string.format("%.0f", closedUntilUs))
if ceiling then
  redis.call("HSET", budgetKey,
    "ceiling", string.format("%.6f", ceiling), "startShare", startShare,
    "refusedUs", string.format("%.0f", refusedUs), "holdUs", string.format("%.0f", holdUs))
end
return math.floor((ceiling or configured) * 1000)
