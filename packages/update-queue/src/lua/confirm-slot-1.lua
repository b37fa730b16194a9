-- Asked shortly before a moment that was reserved a while ago, or after it: may its call still leave, and when?
-- KEYS  1 budget hash: tatUs, lateUs (when the last call leaves, or left, that is late), behindUs
-- ARGV  1 the moment (µs, Redis clock)   2 configured calls per second   3 "1" = it is over, and calls are to be punctual
-- RETURNS {now (µs, Redis clock), closed until (µs), the moment (µs; 0 = closed meanwhile, the moment is void)}
-- GUARANTEE the answered moment is a whole interval after that of the last call that is late; who is put off by that is
--           late itself, for those behind it. When Redis stalled, calls of several processes missed their moments at the same
--           time: they are answered moments one after the other, as are those whose moments come next.
-- include rate-in-use.lua
local CLOCK_SLACK_US = 3000 -- the first moment after a closing comes back through an estimate of this clock
-- More moments than are reserved ahead and can be missed together. Further ahead means that Redis' host set its clock back; reserve-slots
-- believes its own clock further than this, so that no call is put off for ever.
local MOST_LATE = 10
local LONGEST_LOSS_US = 300000 -- as in reserve-slots

local budgetKey, momentUs, configured = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
if momentUs < budget.closedUntilUs - CLOCK_SLACK_US then
  return { nowUs, math.floor(budget.closedUntilUs), 0 }
end
local intervalUs = 1000000 / budget.rate
local stored = redis.call("HMGET", budgetKey, "lateUs", "behindUs")
local lateUs, behindUs = tonumber(stored[1]) or 0, tonumber(stored[2]) or 0
local isLate = ARGV[3] == "1"
if isLate then
  momentUs = math.max(momentUs, nowUs)
end
local isPutOff = lateUs + intervalUs > momentUs and lateUs < nowUs + MOST_LATE * intervalUs
if isPutOff then
  momentUs = lateUs + intervalUs
end
if isLate or isPutOff then
  local tatUs = math.max(budget.tatUs, momentUs + intervalUs)
  behindUs = behindUs + math.min(tatUs - budget.tatUs, LONGEST_LOSS_US)
  redis.call("HSET", budgetKey, "lateUs", string.format("%.0f", momentUs), "tatUs", string.format("%.0f", tatUs),
    "behindUs", string.format("%.0f", behindUs))
end
return { nowUs, math.floor(budget.closedUntilUs), math.floor(momentUs) }
