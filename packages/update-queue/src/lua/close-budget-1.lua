-- The upstream said "too many": closes the budget for everybody and lowers the rate.
-- KEYS  1 budget hash
-- ARGV  1 close for (ms)   2 configured calls per second   3 floor (calls per second)
--       4 factor of the decrease   5 µs within which further refusals are the same event
-- RETURNS the rate in use × 1000
-- GUARANTEE the closing is only ever prolonged; a burst of refusals lowers the rate once. The GCRA
--           clock moves to the end of the closing, so that work resumes paced and not as a burst.
local budgetKey = KEYS[1]
local closeMs, configured, floorRate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local factor, sameEventUs = tonumber(ARGV[4]), tonumber(ARGV[5])

local time = redis.call("TIME")
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local stored = redis.call("HMGET", budgetKey, "tatUs", "closedUntilUs", "rate", "loweredUs")
local closedUntilUs = math.max(tonumber(stored[2]) or 0, nowUs + closeMs * 1000)
local tatUs = math.max(tonumber(stored[1]) or 0, closedUntilUs)
local rate = math.min(tonumber(stored[3]) or configured, configured)
local loweredUs = tonumber(stored[4]) or 0

if nowUs - loweredUs > sameEventUs then
  rate = math.max(floorRate, rate * factor)
  loweredUs = nowUs
end
redis.call("HSET", budgetKey,
  "tatUs", string.format("%.0f", tatUs), "closedUntilUs", string.format("%.0f", closedUntilUs),
  "rate", string.format("%.6f", rate), "loweredUs", string.format("%.0f", loweredUs), "raisedUs", string.format("%.0f", nowUs))
return math.floor(rate * 1000)
