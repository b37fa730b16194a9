-- Reserves moments at which calls may be sent (GCRA), evenly spaced, for every process of an account.
-- KEYS  1 budget hash: tatUs (theoretical arrival time), closedUntilUs, rate, raisedUs, loweredUs
-- ARGV  1 configured calls per second   2 burst   3 how many moments   4 horizon (µs)   5 lead (µs)
--       6 floor of the learned rate (calls per second)   7 seconds from floor to configured rate
-- RETURNS {now (µs, Redis clock), rate in use × 1000, moment of the next call not given away (µs; 0 = none
--          was refused), moment 1 (µs), moment 2, …}
-- GUARANTEE one clock (Redis') for everybody; a moment is at least the lead away, so that its call can be
--           made punctually; nothing further ahead than the horizon is given away, so a closing of the
--           budget and an urgent call both take effect at once.
local budgetKey = KEYS[1]
local configured, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local horizonUs, leadUs = tonumber(ARGV[4]), tonumber(ARGV[5])
local floorRate, rampSeconds = tonumber(ARGV[6]), tonumber(ARGV[7])

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local stored = redis.call("HMGET", budgetKey, "tatUs", "closedUntilUs", "rate", "raisedUs")
local tatUs = tonumber(stored[1]) or 0
local closedUntilUs = tonumber(stored[2]) or 0
local rate = math.min(tonumber(stored[3]) or configured, configured)
local raisedUs = tonumber(stored[4]) or nowUs

-- Additive increase by time passed while open: from the floor back to the configured rate in rampSeconds.
if rate < configured then
  local openSinceUs = math.max(raisedUs, closedUntilUs)
  if nowUs > openSinceUs then
    rate = math.min(configured, rate + (configured - floorRate) * (nowUs - openSinceUs) / (rampSeconds * 1000000))
  end
  redis.call("HSET", budgetKey, "rate", string.format("%.6f", rate), "raisedUs", string.format("%.0f", nowUs))
end

local intervalUs = 1000000 / rate
local toleranceUs = (burst - 1) * intervalUs
local reply = { nowUs, math.floor(rate * 1000), 0 }
local given = 0
while given < wanted do
  local sendUs = math.max(nowUs + leadUs, closedUntilUs, tatUs - toleranceUs)
  if sendUs - nowUs > horizonUs then
    reply[3] = math.floor(sendUs)
    break
  end
  tatUs = math.max(tatUs, sendUs) + intervalUs
  given = given + 1
  reply[3 + given] = math.floor(sendUs)
end
if given > 0 then
  redis.call("HSET", budgetKey, "tatUs", string.format("%.0f", tatUs))
end
return reply
