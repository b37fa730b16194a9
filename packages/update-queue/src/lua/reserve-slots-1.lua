-- Reserves moments at which calls may be sent (GCRA), evenly spaced, for every process of an account.
-- KEYS  1 budget hash: tatUs (theoretical arrival time), closedUntilUs, what was learned (rate-in-use.lua),
--         slowUntilUs, behindUs (time lost while calls waited), worstUs and worstAtUs (the most a call left after its
--         moment lately, and when), interactiveRun, interactiveDueUs, bulkDueUs
-- ARGV  1 configured calls per second   2 burst that is used   3 how many moments for interactive calls   4 … for bulk calls
--       5 horizon (µs)   6 lead (µs)   7 extra distance after the first moment (µs), halved with every further one
--       8 when the asking process was told to ask again for interactive calls (µs, 0 = not)   9 … for bulk calls
--       10 burst that the upstream allows
-- RETURNS {now (µs, Redis clock), rate in use × 1000, closed until (µs), when to ask again for interactive
--          calls (µs; 0 = all were given), the same for bulk calls, moment 1 (µs), moment 2, …}
-- GUARANTEE one clock (Redis') for everybody; a moment is at least the lead away, so that its call can be made
--           punctually. Bulk sees no moment further ahead than the horizon and interactive calls two more, so
--           the next moment that nobody has is an interactive call's, in whatever process bulk waits. Of ten
--           moments one is left to bulk calls if any wait, and to nobody in particular if none do.
-- include rate-in-use.lua
local INTERACTIVE_RUN = 9 -- interactive moments in a row while bulk waits
local LATE_DUE_US = 2000000 -- turns to ask are given out this far ahead; beyond it asking is rare anyway
local WINDOW_US, BURST_SLACK_US, LEAST_SLOW_SHARE = 1050000, 30000, 0.1
local CLOCK_SLACK_US = 1000000
local LONGEST_MARGIN_US = 10000
-- A moment nobody took for longer than this was not missed, it was not wanted.
local LONGEST_LOSS_US, MOST_BEHIND_US = 300000, 1000000
-- How much shorter an interval may be to make up for time that was lost: so much that a window of a second, which forgives
-- FORGIVEN_US at this headroom, and a bucket of the allowed burst still forgive the latest call of the last second. No call is
-- taken to be less late than is told of (paced-calls.ts), and the upstream to count up to a margin later than they leave: a
-- bucket that holds more than one has more to forgive it with.
local FORGIVEN_US, BURST_SHARE, LEAST_LATE_US, MARGIN_US, BURST_MARGIN_US = 50000, 0.8, 10000, 15000, 8000
-- Where calls are punctual it takes from what forgives a late one, which is next to nothing in a bucket of one.
local PUNCTUAL_SHARE, PUNCTUAL_BURST_SHARE, PUNCTUAL_INTERVAL_US = 0.005, 0.01, 20000

local INTERACTIVE_ASK, BULK_ASK = 4, 5 -- places in the reply

local budgetKey = KEYS[1]
local configured, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local interactiveWanted, bulkWanted = tonumber(ARGV[3]), tonumber(ARGV[4])
local horizonUs, leadUs, extraUs = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local interactiveAskUs, bulkAskUs, allowedBurst = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
local rate, closedUntilUs = budget.rate, budget.closedUntilUs
local stored = redis.call("HMGET", budgetKey, "slowUntilUs", "interactiveRun", "interactiveDueUs", "bulkDueUs",
  "behindUs", "worstUs", "worstAtUs")
local slowUntilUs, interactiveRun = tonumber(stored[1]) or 0, tonumber(stored[2]) or 0
local interactiveDueUs, bulkDueUs = tonumber(stored[3]) or 0, tonumber(stored[4]) or 0
local behindUs, worstUs, worstAtUs = tonumber(stored[5]) or 0, tonumber(stored[6]) or 0, tonumber(stored[7]) or 0

local intervalUs = 1000000 / rate
-- Who comes for a moment comes so much later than it is to be seen, since late calls push it a little; and bulk
-- sees the moment that is left to it twice that much earlier than interactive calls do.
local marginUs = math.min(LONGEST_MARGIN_US, intervalUs)
local toleranceUs = toleranceOf(burst, rate)
local interactiveHorizonUs = horizonUs + 2 * intervalUs
-- Further ahead than anybody can have reserved means that Redis' host set its clock back.
local furthestUs = math.max(nowUs + interactiveHorizonUs + leadUs, closedUntilUs)
  + toleranceUs + 2 * intervalUs / LEAST_SLOW_SHARE + CLOCK_SLACK_US
local tatUs = math.min(budget.tatUs, furthestUs)
local reply = { nowUs, math.floor(rate * 1000), math.floor(closedUntilUs), 0, 0 }

local function nextUs()
  return math.max(nowUs + leadUs, closedUntilUs, tatUs - toleranceUs)
end

-- Time lost is made up for within the headroom, and never while the rate is a learned one.
local function catchUpShare()
  if rate < configured then
    return 0
  end
  if burst == 1 and intervalUs >= PUNCTUAL_INTERVAL_US then
    return allowedBurst > 1 and PUNCTUAL_BURST_SHARE or PUNCTUAL_SHARE
  end
  local forgivenUs, marginUs = FORGIVEN_US, MARGIN_US
  if burst > 1 then
    forgivenUs, marginUs = math.min(FORGIVEN_US, allowedBurst * intervalUs * BURST_SHARE), BURST_MARGIN_US
  end
  local lateUs = math.abs(nowUs - worstAtUs) <= WINDOW_US and worstUs or 0
  return math.max(0, forgivenUs - math.max(lateUs, LEAST_LATE_US) - marginUs) / 1000000
end
local catchUpUs = intervalUs * catchUpShare()

-- An upstream that counts a window of a second counts a burst too: the second after it gets that much less.
local function give(momentUs)
  reply[#reply + 1] = math.floor(momentUs)
  local distanceUs = intervalUs
  local unusedUs = momentUs - (tatUs - toleranceUs)
  if toleranceUs > BURST_SLACK_US and unusedUs > BURST_SLACK_US then
    slowUntilUs = momentUs + WINDOW_US
  elseif momentUs < slowUntilUs then
    distanceUs = 1000000 / math.max(rate - toleranceUs / intervalUs, rate * LEAST_SLOW_SHARE)
    behindUs = behindUs + distanceUs - intervalUs -- a burst is to be a gain in the end
  else
    local madeUpUs = math.min(behindUs, catchUpUs)
    distanceUs, behindUs = distanceUs - madeUpUs, behindUs - madeUpUs
  end
  local lostUs = math.max(0, momentUs - tatUs)
  -- After a pause, as much of the burst as is used at once was kept back (redis-rate-budget.ts): it is used little by little.
  behindUs = lostUs > LONGEST_LOSS_US and toleranceUs or math.min(behindUs + lostUs + extraUs, MOST_BEHIND_US)
  tatUs = math.max(tatUs, momentUs) + distanceUs + extraUs
  extraUs = extraUs / 2
end

-- Who has to come back gets a turn of its own, an interval after the last one given out: processes that wait
-- ask once for every moment together, not each of them. Who comes for its turn and is too early keeps it.
-- Returns the moment to come for, and the last one that anybody comes for.
local function turnAfter(lastDueUs, ownDueUs, momentUs)
  if ownDueUs <= momentUs and momentUs < ownDueUs + intervalUs then
    return momentUs, math.max(lastDueUs, momentUs)
  end
  local isTaken = lastDueUs > momentUs - marginUs and lastDueUs - momentUs < LATE_DUE_US
  if isTaken and momentUs - nowUs < LATE_DUE_US then
    momentUs = math.max(momentUs, lastDueUs + intervalUs)
  end
  return momentUs, momentUs
end

while interactiveWanted > 0 do
  local momentUs, dueUs = nextUs(), nil
  local isBulksTurn = interactiveRun >= INTERACTIVE_RUN and bulkDueUs >= nowUs
  local aheadUs = isBulksTurn and horizonUs - 2 * marginUs or interactiveHorizonUs
  if momentUs - nowUs > aheadUs then
    if isBulksTurn then
      dueUs = momentUs
    else
      dueUs, interactiveDueUs = turnAfter(interactiveDueUs, interactiveAskUs + aheadUs - marginUs, momentUs)
    end
    reply[INTERACTIVE_ASK] = math.floor(dueUs - aheadUs + marginUs)
    break
  end
  give(momentUs)
  interactiveRun = math.min(interactiveRun + 1, INTERACTIVE_RUN)
  interactiveWanted = interactiveWanted - 1
  interactiveAskUs = 0
end
while bulkWanted > 0 do
  local momentUs, dueUs = nextUs(), nil
  if momentUs - nowUs > horizonUs then
    dueUs, bulkDueUs = turnAfter(bulkDueUs, bulkAskUs + horizonUs - marginUs, momentUs)
    reply[BULK_ASK] = math.floor(dueUs - horizonUs + marginUs)
    break
  end
  give(momentUs)
  interactiveRun = 0
  bulkWanted = bulkWanted - 1
  bulkAskUs = 0
end
redis.call("HSET", budgetKey, "tatUs", string.format("%.0f", tatUs), "slowUntilUs", string.format("%.0f", slowUntilUs),
  "behindUs", string.format("%.0f", behindUs),
  "interactiveRun", interactiveRun, "interactiveDueUs", string.format("%.0f", interactiveDueUs),
  "bulkDueUs", string.format("%.0f", bulkDueUs), "configured", string.format("%.6f", budget.configured),
  "configuredUs", string.format("%.0f", budget.configuredUs))
return reply
