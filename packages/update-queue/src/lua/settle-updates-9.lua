-- Writes down what became of updates at the head of a lane, and trims the lane.
-- KEYS  1 lane owner string   2 lane list   3 lane attempt string   4 lanes-waiting zset
--       5 counts hash   6 referral-updates zset   7 audit stream   8 lanes-due zset   9 lanes-watched zset
-- ARGV  1 owner token   2 lease (ms)   3 lane name   4 retention (ms)   5 root of the account's keys
--       6 events channel   7 "1" = the attempt on record is over
--       8 prefix of idempotency strings   9 their lifetime after the end (ms)
--       10… per update: id, new state, failure code ("" unless FAILED), attempts to take back, number of fields, then
--       field, value, …
-- RETURNS "settled" | "emptied" (nothing is left, and the lane is given up) | "lost"
-- GUARANTEE only the owner writes; a final state is written once and never left again, and stands in the
--           audit trail exactly once; every final update leaves the lane in the same step; back to QUEUED
--           keeps its place in the lane. A lane is given up only when it is seen empty in the same step: what is accepted after
--           that wakes it.
-- include finish-update.lua
-- include bulk-row.lua
-- include tally.lua
local ownerKey, laneKey, attemptKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local countsKey, historyKey, auditKey, dueKey, watchedKey = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local token, leaseMs, lane, retentionMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local root, channel, attemptIsOver = ARGV[5], ARGV[6], ARGV[7]
local idempotencyPrefix, idempotencyMs = ARGV[8], ARGV[9]
local MOST_FORGOTTEN = 100 -- listed updates whose record expired that one settling looks for

if redis.call("GET", ownerKey) ~= token then
  return "lost"
end
if attemptIsOver == "1" and redis.call("DEL", attemptKey) == 0 then
  redis.call("PEXPIRE", ownerKey, leaseMs)
  return "settled" -- the same command again, after a lost answer from Redis
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local isFinal = { APPLIED = true, UNCHANGED = true, FAILED = true, CANCELLED = true }

local at = 10
while at <= #ARGV do
  local id, state, code = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local takeBack, fields = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local updateKey = root .. id
  local record = redis.call("HMGET", updateKey, "state", "acceptedAt", "requeuedAt", "priority")
  local before = record[1]
  if before and not isFinal[before] then
    redis.call("HSET", updateKey, "state", state, unpack(ARGV, at + 5, at + 4 + fields * 2))
    if takeBack > 0 then
      redis.call("HINCRBY", updateKey, "attempts", -takeBack)
    end
    if state ~= before then
      redis.call("HINCRBY", countsKey, before, -1)
      redis.call("HINCRBY", countsKey, state, 1)
    end
    if isFinal[state] then
      tallyEnd(state, code, record[4], record[3] or record[2], nowMs)
      finishUpdate({
        id = id,
        updateKey = updateKey,
        auditKey = auditKey,
        nowMs = nowMs,
        retentionMs = retentionMs,
        idempotencyPrefix = idempotencyPrefix,
        idempotencyMs = idempotencyMs,
      })
    end
    if state ~= before then
      noteRow(root, id, before, state, nowMs, retentionMs)
      redis.call("PUBLISH", channel, id .. " " .. state)
    end
  end
  if not before then
    noteLostRow(root, id, nowMs, retentionMs)
  end
  if isFinal[state] and redis.call("LREM", laneKey, 1, id) == 1 and not before then
    tallyEnd("FAILED", "INTERNAL", bulkKeyOf(root, id) and "bulk", nil, nowMs)
  end
  at = at + 5 + fields * 2
end
writeTally(root .. "metrics")

-- Listed as long as it can be read: a record stays for the retention after its end, so an id for as long after its beginning.
for _ = 1, MOST_FORGOTTEN do
  local oldest = redis.call("ZRANGE", historyKey, 0, 0, "WITHSCORES")
  if not oldest[1] or tonumber(oldest[2]) + retentionMs > nowMs or redis.call("EXISTS", root .. oldest[1]) == 1 then
    break
  end
  redis.call("ZREM", historyKey, oldest[1])
end
local head = redis.call("LINDEX", laneKey, 0)
if head then
  local oldestMs = tonumber(redis.call("HGET", root .. head, "acceptedAt")) or nowMs
  redis.call("ZADD", waitingKey, string.format("%.0f", oldestMs), lane)
  redis.call("PEXPIRE", ownerKey, leaseMs)
  return "settled"
end
redis.call("ZREM", waitingKey, lane)
redis.call("PEXPIRE", historyKey, retentionMs)
if attemptIsOver ~= "1" and redis.call("EXISTS", attemptKey) == 1 then
  redis.call("PEXPIRE", ownerKey, leaseMs)
  return "settled"
end
redis.call("ZREM", dueKey, lane)
redis.call("ZREM", watchedKey, lane)
redis.call("DEL", ownerKey)
return "emptied"
