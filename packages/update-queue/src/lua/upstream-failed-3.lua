-- The upstream failed. Counts it, and decides if it is to be held against the update that met it.
-- KEYS  1 account status hash   2 probe string   3 failing-lanes zset
-- ARGV  1 how many failures it counts for   2 failures in a row from which the upstream is down
--       3 lane ("" = none)   4 least ms between two failures held against a lane that fails alone
--       5 the same while others fail too   6 life of trouble nobody meets any more (ms)
--       7 first wait before a probe (ms)   8 longest   9 jitter, 0 to 1
-- RETURNS {failures in a row, 1 = held against the update, else 0}
-- GUARANTEE while the upstream is down nothing is held against anybody. After an outage the first failure brings
--           it back, until a write was taken. Once a write of anybody was taken
--           (the zset is gone) the next failure of a lane is its own; without such a sign they are counted
--           slowly, so that an outage of writes alone is survived and an update that alone fails still ends.
-- include schedule-probe.lua
local statusKey, probeKey, failingKey = KEYS[1], KEYS[2], KEYS[3]
local weight, downAfter, lane = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local aloneMs, togetherMs, lifeMs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local firstMs, capMs, jitter = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

local before = tonumber(redis.call("HGET", statusKey, "failures") or 0)
local isPaused = redis.call("HEXISTS", statusKey, "pausedReason") == 1
local isUnproven = not isPaused and tonumber(redis.call("HGET", statusKey, "probes") or 0) > 0
local failures = isUnproven and math.max(before + weight, downAfter) or before + weight
redis.call("HSET", statusKey, "failures", failures)
redis.call("PEXPIRE", statusKey, lifeMs)
if failures >= downAfter and before < downAfter then
  scheduleProbe(statusKey, probeKey, firstMs, capMs, jitter, false)
end
if lane == "" or weight >= downAfter or before >= downAfter then
  return { failures, 0 }
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local heldMs = tonumber(redis.call("ZSCORE", failingKey, lane) or 0)
local spacingMs = redis.call("ZCARD", failingKey) > 1 and togetherMs or aloneMs
if math.abs(nowMs - heldMs) < spacingMs then
  return { failures, 0 }
end
redis.call("ZADD", failingKey, nowMs, lane)
redis.call("PEXPIRE", failingKey, togetherMs * 4)
return { failures, 1 }
