-- Included by the budget scripts: which rate an account may use at a moment, learned from refusals.
--
--   after a refusal at rate c:   0 … 5 s     from 0.85 c up to 0.96 c (the upstream's own bucket refills)
--                                … hold      0.96 c
--                                after that  2 % more every second, up to the configured rate
--
-- A refusal close to the last one (within 5 %) found the same limit again: the hold doubles, up to 60 s.
-- So most time is spent just below the limit, and probing for more costs one refusal a minute. A limit
-- that went down is found in a few refusals (each lowers c), one that went up by the probing.
local LONGEST_CLOSING_US = 3600000000 -- longer than any Retry-After that is believed: the clock was set back
local RAMP_US, FIRST_HOLD_US, LONGEST_HOLD_US = 5000000, 20000000, 60000000
local START_SHARE, HOLD_SHARE, GROWTH_PER_SECOND, SAME_LIMIT_SHARE = 0.85, 0.96, 1.02, 0.05

local function rateInUse(configured, ceiling, openSinceUs, holdUs, nowUs)
  if not ceiling then
    return configured
  end
  local passedUs = math.max(0, nowUs - openSinceUs)
  local rate
  if passedUs < RAMP_US then
    rate = ceiling * (START_SHARE + (HOLD_SHARE - START_SHARE) * passedUs / RAMP_US)
  elseif passedUs < holdUs then
    rate = ceiling * HOLD_SHARE
  else
    rate = ceiling * HOLD_SHARE * GROWTH_PER_SECOND ^ math.min((passedUs - holdUs) / 1000000, 1000)
  end
  return math.min(rate, configured)
end

local function readBudget(budgetKey, configured, nowUs)
  local stored = redis.call("HMGET", budgetKey, "tatUs", "closedUntilUs", "ceiling", "refusedUs", "holdUs")
  local budget = {
    tatUs = tonumber(stored[1]) or 0,
    closedUntilUs = math.min(tonumber(stored[2]) or 0, nowUs + LONGEST_CLOSING_US),
    ceiling = tonumber(stored[3]),
    refusedUs = tonumber(stored[4]) or 0,
    holdUs = tonumber(stored[5]) or FIRST_HOLD_US,
  }
  local openSinceUs = math.max(budget.refusedUs, budget.closedUntilUs)
  budget.rate = rateInUse(configured, budget.ceiling, openSinceUs, budget.holdUs, nowUs)
  return budget
end
