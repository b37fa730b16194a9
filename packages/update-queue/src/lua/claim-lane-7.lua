-- Makes the caller the owner of a lane for one lease and shows what is in it.
-- KEYS  1 lane owner string   2 lane list   3 lane attempt string   4 lanes-waiting zset
--       5 lanes-due zset   6 lanes-watched zset   7 known-state string
-- ARGV  1 owner token   2 lease (ms)   3 lane name   4 how many pending updates to show
--       5 longest rest (ms)
--       6 "1" = only as the owner it is already: a lease that ran out is not taken up again
--       7 root of the account's keys
-- RETURNS {"busy", msLeft} | {"resting", msLeft} | {"empty"}
--         | {"claimed", interrupted attempt or "", now (ms), last known ETag or "", update, update, …} with each update as
--           {id, field, value, …}
-- GUARANTEE one owner at a time. The owner token is the fence: every later script of this owner
--           refuses once another token stands here. A lane found busy by another is watched: it is woken when
--           the lease is over, should its owner have died. A lane that rests is nobody's before its time. Rows of
--           paused and cancelled bulk updates are not shown; with nothing else in it the lane counts as empty.
-- include bulk-row.lua
-- include known-head.lua
local ownerKey, laneKey, attemptKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local dueKey, watchedKey, knownKey = KEYS[5], KEYS[6], KEYS[7]
local token, leaseMs, lane, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local longestRestMs, isOwner, root = tonumber(ARGV[5]), ARGV[6] == "1", ARGV[7]

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local owner = redis.call("GET", ownerKey)
if (owner and owner ~= token) or (not owner and isOwner) then
  local leftMs = redis.call("PTTL", ownerKey)
  if not isOwner then
    redis.call("ZADD", watchedKey, nowMs + math.max(leftMs, 0) + 1, lane)
  end
  return { "busy", leftMs }
end
local ids, bulkStates, at = {}, {}, 0
repeat
  local some = redis.call("LRANGE", laneKey, at, at + limit - 1)
  at = at + #some
  for _, id in ipairs(some) do
    if #ids < limit and not isHeld(root, id, bulkStates) then
      ids[#ids + 1] = id
    end
  end
until #ids == limit or #some < limit
local attempt = redis.call("GET", attemptKey)
if #ids == 0 and not attempt then
  redis.call("ZREM", waitingKey, lane)
  redis.call("ZREM", dueKey, lane)
  redis.call("ZREM", watchedKey, lane)
  if owner then
    redis.call("DEL", ownerKey)
  end
  return { "empty" }
end
if not owner then
  local dueMs = tonumber(redis.call("ZSCORE", dueKey, lane) or 0)
  if dueMs > nowMs and dueMs <= nowMs + longestRestMs then
    return { "resting", dueMs - nowMs }
  end
  redis.call("ZREM", dueKey, lane)
  redis.call("ZREM", watchedKey, lane)
end
redis.call("SET", ownerKey, token, "PX", leaseMs)
local known = headOf(knownKey)
local etag = known and known.etag ~= "-" and known.etag or ""
local reply = { "claimed", attempt or "", nowMs, etag }
for _, id in ipairs(ids) do
  local update = redis.call("HGETALL", root .. id)
  table.insert(update, 1, id)
  reply[#reply + 1] = update
end
return reply
