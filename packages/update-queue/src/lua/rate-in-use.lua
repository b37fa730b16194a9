-- Included by the budget scripts: which rate an account may use at a moment, learned from refusals.
--
--   after a refusal at rate c:   0 … 5 s     from s × c up to 0.97 c (the upstream's own bucket refills)
--                                … hold      0.97 c
--                                … 5 s more  2 % more every second: is it the same limit still?
--                                after that  8 % more every second: it is not; up to the configured rate
--
-- s is 0.85; 0.9 when the refusal was close to the last one (within a tenth: the same limit again), and 0.7, then
-- 0.5 when it came right after the last one (the limit is much lower). The same limit found again also doubles
-- the hold, up to 50 s, and it is never shorter than 20 closings. So most time is spent just below the limit,
-- probing for more costs one refusal a minute, and a limit that changed is found within about as long.
local LONGEST_CLOSING_US = 3600000000 -- a longer Retry-After is not believed; or the clock was set back
local RAMP_US, PROBE_US = 5000000, 5000000
local FIRST_HOLD_US, LONGEST_HOLD_US = 20000000, 50000000
local HOLD_SHARE, PROBE_GROWTH, SEARCH_GROWTH = 0.97, 1.02, 1.08 -- growth per second
local START_SHARE = 0.85
local LONGEST_SEARCH_S = 300 -- ten orders of magnitude: enough for any configured rate
-- The configured rate of a process that asks for nothing any more is forgotten after this long.
local CONFIGURED_LIFE_US = 60000000

local function learnedRate(budget, nowUs)
  local passedUs = math.max(0, nowUs - math.max(budget.refusedUs, budget.closedUntilUs))
  if passedUs < RAMP_US then
    return budget.ceiling * (budget.startShare + (HOLD_SHARE - budget.startShare) * passedUs / RAMP_US)
  end
  local probedUs = math.max(0, passedUs - budget.holdUs)
  local searchedS = math.min(math.max(0, probedUs - PROBE_US) / 1000000, LONGEST_SEARCH_S)
  return budget.ceiling * HOLD_SHARE
    * PROBE_GROWTH ^ (math.min(probedUs, PROBE_US) / 1000000) * SEARCH_GROWTH ^ searchedS
end

-- How far the GCRA clock may run ahead. More than a second's calls at once no upstream means by its rate.
local function toleranceOf(burst, rate)
  return (math.min(burst, math.max(1, math.floor(rate))) - 1) * 1000000 / rate
end

-- rate: what the asking process may use; sharedRate: what the process with the highest configured rate may,
-- which is what a refusal is about.
local function readBudget(budgetKey, configured, nowUs)
  local stored = redis.call("HMGET", budgetKey, "tatUs", "closedUntilUs", "ceiling", "startShare", "refusedUs",
    "holdUs", "configured", "configuredUs")
  local budget = {
    tatUs = tonumber(stored[1]) or 0,
    closedUntilUs = math.min(tonumber(stored[2]) or 0, nowUs + LONGEST_CLOSING_US),
    ceiling = tonumber(stored[3]),
    startShare = tonumber(stored[4]) or START_SHARE,
    refusedUs = tonumber(stored[5]) or 0,
    holdUs = tonumber(stored[6]) or FIRST_HOLD_US,
    configured = tonumber(stored[7]) or 0,
    configuredUs = tonumber(stored[8]) or 0,
  }
  if configured >= budget.configured or math.abs(nowUs - budget.configuredUs) > CONFIGURED_LIFE_US then
    budget.configured, budget.configuredUs = configured, nowUs
  end
  local learned = budget.ceiling and learnedRate(budget, nowUs) or math.huge
  budget.rate = math.min(learned, configured)
  budget.sharedRate = math.min(learned, budget.configured)
  return budget
end
