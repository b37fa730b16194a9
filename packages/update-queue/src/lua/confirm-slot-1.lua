-- Asked shortly before a moment that was reserved a while ago: may its call still leave, and when?
-- KEYS  1 budget hash: tatUs, lateUs (when the last call left that was late)
-- ARGV  1 the moment (µs, Redis clock)   2 configured calls per second
-- RETURNS {now (µs, Redis clock), closed until (µs), the moment (µs; 0 = closed meanwhile, the moment is void)}
-- GUARANTEE the answered moment is a whole interval after a call that left late before the asked one; who is put
--           off by that is late itself, for those behind it.
-- include rate-in-use.lua
local CLOCK_SLACK_US = 3000 -- the first moment after a closing comes back through an estimate of this clock

local budgetKey, momentUs, configured = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
if momentUs < budget.closedUntilUs - CLOCK_SLACK_US then
  return { nowUs, math.floor(budget.closedUntilUs), 0 }
end
local intervalUs = 1000000 / budget.rate
local lateUs = tonumber(redis.call("HGET", budgetKey, "lateUs")) or 0
if lateUs < momentUs and lateUs + intervalUs > momentUs then
  momentUs = lateUs + intervalUs
  redis.call("HSET", budgetKey, "lateUs", string.format("%.0f", momentUs),
    "tatUs", string.format("%.0f", math.max(budget.tatUs, momentUs + intervalUs)))
end
return { nowUs, math.floor(budget.closedUntilUs), math.floor(momentUs) }
