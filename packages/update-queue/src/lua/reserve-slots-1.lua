-- Reserves moments at which calls may be sent (GCRA), evenly spaced, for every process of an account.
-- KEYS  1 budget hash: tatUs (theoretical arrival time), closedUntilUs, ceiling, refusedUs, holdUs, busySinceUs
-- ARGV  1 configured calls per second   2 burst   3 how many moments   4 horizon (µs)   5 lead (µs)
-- RETURNS {now (µs, Redis clock), rate in use × 1000, moment of the next call not given away (µs; 0 = none
--          was refused), moment 1 (µs), moment 2, …}
-- GUARANTEE one clock (Redis') for everybody; a moment is at least the lead away, so that its call can be
--           made punctually; nothing further ahead than the horizon is given away, so a closing of the
--           budget and an urgent call both take effect at once.
-- include rate-in-use.lua
-- The first calls after a pause go out on cold sockets and cold code and leave a few ms late. Without leave
-- to burst they are spaced wider for a moment, so that a late one does not crowd the next (measured: one
-- refusal at nearly every start without this, on an upstream that allows no burst).
local PAUSE_US, WARM_UP_US, COLD_SHARE = 10000000, 1500000, 0.75
local PUNCTUAL_US = 20000 -- closer calls are not counted that exactly by anybody

local budgetKey = KEYS[1]
local configured, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local horizonUs, leadUs = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local budget = readBudget(budgetKey, configured, nowUs)
local rate = budget.rate
local busySinceUs = tonumber(redis.call("HGET", budgetKey, "busySinceUs")) or 0
if budget.tatUs < nowUs - PAUSE_US then
  busySinceUs = nowUs
end
if burst == 1 and 1000000 / rate >= PUNCTUAL_US and nowUs - busySinceUs < WARM_UP_US then
  rate = rate * (COLD_SHARE + (1 - COLD_SHARE) * (nowUs - busySinceUs) / WARM_UP_US)
end
local intervalUs = 1000000 / rate
local toleranceUs = (burst - 1) * intervalUs
-- Further ahead than anybody can have reserved means that Redis' host set its clock back.
local furthestUs = math.max(nowUs + horizonUs + leadUs, budget.closedUntilUs) + (burst + 1) * intervalUs
local tatUs = math.min(budget.tatUs, furthestUs)
local reply = { nowUs, math.floor(rate * 1000), 0 }
local given = 0
while given < wanted do
  local sendUs = math.max(nowUs + leadUs, budget.closedUntilUs, tatUs - toleranceUs)
  if sendUs - nowUs > horizonUs then
    reply[3] = math.floor(sendUs)
    break
  end
  tatUs = math.max(tatUs, sendUs) + intervalUs
  given = given + 1
  reply[3 + given] = math.floor(sendUs)
end
if given > 0 then
  redis.call("HSET", budgetKey, "tatUs", string.format("%.0f", tatUs), "busySinceUs", string.format("%.0f", busySinceUs))
  if budget.ceiling and budget.rate >= configured then
    redis.call("HDEL", budgetKey, "ceiling", "holdUs") -- back at the configured rate: nothing left to remember
  end
end
return reply
