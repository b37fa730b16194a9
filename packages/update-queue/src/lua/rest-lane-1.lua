-- Has a lane looked at again in a while.
-- KEYS  1 lanes-due zset
-- ARGV  1 lane name   2 rest (ms)
-- RETURNS nothing
-- GUARANTEE a rest that was decided on earlier is neither shortened nor prolonged.
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call("ZADD", KEYS[1], "NX", nowMs + tonumber(ARGV[2]), ARGV[1])
