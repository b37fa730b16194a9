-- A worker process says that it is there, or that it goes.
-- KEYS  1 workers zset
-- ARGV  1 token of the process   2 how long ago its last sign of life is to be (ms); 0 = it is there   3 life of a sign (ms)
-- RETURNS 1
-- GUARANTEE signs older than their life are gone, and so are those from the future (Redis' host set its clock back).
local workersKey = KEYS[1]
local token, agoMs, lifeMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call("ZADD", workersKey, string.format("%.0f", nowMs - agoMs), token)
redis.call("ZREMRANGEBYSCORE", workersKey, "-inf", string.format("(%.0f", nowMs - lifeMs))
redis.call("ZREMRANGEBYSCORE", workersKey, string.format("(%.0f", nowMs + lifeMs), "+inf")
redis.call("PEXPIRE", workersKey, lifeMs)
return 1
