-- A probe did not find the upstream well: writes down what it found and says when the next one may be made.
-- KEYS  1 account status hash   2 probe string
-- ARGV  1 "paused" | "down" | "unclear"   2 reason   3 failures in a row that count as down
--       4 life of trouble nobody meets any more (ms)   5 first wait before a probe (ms)   6 longest   7 jitter
-- RETURNS nothing
-- GUARANTEE a pause and an outage replace each other: what is shown is what was found last.
-- include schedule-probe.lua
local statusKey, probeKey = KEYS[1], KEYS[2]
local found, reason, downAfter = ARGV[1], ARGV[2], tonumber(ARGV[3])

if found == "paused" then
  redis.call("HDEL", statusKey, "failures")
  redis.call("HSET", statusKey, "pausedReason", reason)
elseif found == "down" then
  local failures = tonumber(redis.call("HGET", statusKey, "failures") or 0)
  redis.call("HDEL", statusKey, "pausedReason")
  redis.call("HSET", statusKey, "failures", math.max(failures + 1, downAfter))
end
scheduleProbe(statusKey, probeKey, tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), true)
redis.call("PEXPIRE", statusKey, ARGV[4])
