-- A call left later than its moment.
-- KEYS  1 budget hash: tatUs, lateUs, behindUs, worstUs and worstAtUs (the most a call was late lately, and when), excessUs and
--         excessAtUs (how much of a delay was passed on last, and when)
-- ARGV  1 when it left (µs, Redis clock)   2 configured calls per second
--       3 "distance": the calls behind it keep theirs; or by how much it was later than the upstream forgives (µs)
--       4 unless "distance": by how much it was late (µs)
-- RETURNS 1
-- GUARANTEE with "distance", the next moment that is reserved or confirmed is a whole interval after the late call.
--           Otherwise all later moments move by what is not forgiven, once for all calls of one stall, and in the second after
--           it that much less is made up for. Time lost by either may be made up for later (reserve-slots).
-- include rate-in-use.lua
local LONGEST_LOSS_US = 300000 -- as in reserve-slots
local SAME_STALL_US, WINDOW_US = 250000, 1050000
local budgetKey, leftUs, configured = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local budget = readBudget(budgetKey, configured, leftUs)
local stored = redis.call("HMGET", budgetKey, "lateUs", "behindUs", "excessUs", "excessAtUs", "worstUs", "worstAtUs")
local lateUs, behindUs = tonumber(stored[1]) or 0, tonumber(stored[2]) or 0
local excessUs, excessAtUs = tonumber(stored[3]) or 0, tonumber(stored[4]) or 0
local worstUs, worstAtUs = tonumber(stored[5]) or 0, tonumber(stored[6]) or 0
local tatUs = budget.tatUs
if ARGV[3] == "distance" then
  tatUs, lateUs = math.max(tatUs, leftUs + 1000000 / budget.rate), math.max(lateUs, leftUs)
else
  local isSameSecond = math.abs(leftUs - worstAtUs) <= WINDOW_US
  worstUs = math.max(isSameSecond and worstUs or 0, tonumber(ARGV[4]))
  worstAtUs = isSameSecond and math.max(worstAtUs, leftUs) or leftUs
  if math.abs(leftUs - excessAtUs) > SAME_STALL_US then
    excessUs, excessAtUs = 0, leftUs
  end
  local moreUs = math.max(0, tonumber(ARGV[3]) - excessUs)
  tatUs, excessUs = tatUs + moreUs, excessUs + moreUs
end
behindUs = behindUs + math.min(tatUs - budget.tatUs, LONGEST_LOSS_US)
redis.call("HSET", budgetKey, "tatUs", string.format("%.0f", tatUs), "lateUs", string.format("%.0f", lateUs),
  "worstUs", string.format("%.0f", worstUs), "worstAtUs", string.format("%.0f", worstAtUs), "behindUs", string.format("%.0f", behindUs),
  "excessUs", string.format("%.0f", excessUs), "excessAtUs", string.format("%.0f", excessAtUs))
return 1
