-- Adds what one process counted since its last flush.
-- KEYS  1 metrics hash   2 number of the last flush of this process that was counted
-- ARGV  1 number of this flush   2 life of that number (ms)   3… field, whole number, …
-- RETURNS 1 when it was added, 0 when it had been already
-- GUARANTEE a flush that is sent again after a lost answer counts once.
local metricsKey, flushKey = KEYS[1], KEYS[2]
local flush, lifeMs = ARGV[1], ARGV[2]

if redis.call("GET", flushKey) == flush then
  return 0
end
for at = 3, #ARGV, 2 do
  redis.call("HINCRBY", metricsKey, ARGV[at], ARGV[at + 1])
end
redis.call("SET", flushKey, flush, "PX", lifeMs)
return 1
