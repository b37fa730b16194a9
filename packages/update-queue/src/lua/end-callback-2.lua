-- Ends a try of a callback: it was made, was given up, or is to be tried again.
-- KEYS  1 callbacks-due zset   2 callbacks-tried hash
-- ARGV  1 bulk update id   2 mark it was taken with   3 ms until the next try (-1 = none)   4 note about the tries so far
-- RETURNS 1 when it is so, 0 when the callback is not the taker's any more
-- GUARANTEE changes nothing about a callback that somebody else took, or that is a new one: the bulk update was
--           retried and is over again.
local dueKey, triedKey = KEYS[1], KEYS[2]
local id, mark, waitMs, note = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local score = redis.call("ZSCORE", dueKey, id)
if not score or tonumber(score) ~= tonumber(mark) then
  return 0
end
if waitMs < 0 then
  redis.call("ZREM", dueKey, id)
  redis.call("HDEL", triedKey, id)
  return 1
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call("ZADD", dueKey, string.format("%.0f", nowMs + waitMs), id)
redis.call("HSET", triedKey, id, note)
return 1
