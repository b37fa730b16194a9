-- Sign-in does not work: writes the reason down and says when to try again.
-- KEYS  1 account status hash   2 probe string
-- ARGV  1 reason   2 life of trouble nobody meets any more (ms)
--       3 first wait before a probe (ms)   4 longest   5 jitter, 0 to 1
-- RETURNS nothing
-- GUARANTEE however many calls find out at once, they do not put the next probe off.
-- include schedule-probe.lua
local statusKey, probeKey = KEYS[1], KEYS[2]

redis.call("HSET", statusKey, "pausedReason", ARGV[1])
redis.call("PEXPIRE", statusKey, ARGV[2])
scheduleProbe(statusKey, probeKey, tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), false)
