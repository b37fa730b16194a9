-- Gives a lane up with updates still pending.
-- KEYS  1 lane owner string   2 lane list   3 lane attempt string   4 lanes-waiting zset
--       5 lanes-due zset   6 lanes-watched zset
-- ARGV  1 owner token   2 lane name   3 rest (ms), "" = free at once
-- RETURNS "released" | "lost"
-- GUARANTEE giving up and resting are one step: nobody claims the lane in between, and it is not without
--           a wake-up for a moment. An empty lane leaves nothing behind.
local ownerKey, laneKey, attemptKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local dueKey, watchedKey = KEYS[5], KEYS[6]
local token, lane, restMs = ARGV[1], ARGV[2], tonumber(ARGV[3])

if redis.call("GET", ownerKey) ~= token then
  return "lost"
end
redis.call("DEL", ownerKey)
redis.call("ZREM", watchedKey, lane)
if redis.call("EXISTS", laneKey, attemptKey) == 0 then
  redis.call("ZREM", waitingKey, lane)
  redis.call("ZREM", dueKey, lane)
elseif restMs then
  local time = redis.call("TIME")
  local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  redis.call("ZADD", dueKey, nowMs + restMs, lane)
else
  redis.call("ZREM", dueKey, lane)
end
return "released"
