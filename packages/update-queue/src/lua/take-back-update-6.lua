-- Ends a QUEUED update before it is sent: cancelled (stays readable) or withdrawn (as if never accepted).
-- KEYS  1 update hash   2 lane list   3 referral-updates zset   4 counts hash
--       5 idempotency string (withdraw only; "" hash in ARGV[4] = leave it alone)   6 audit stream
-- ARGV  1 update id   2 "cancel" | "withdraw"   3 retention (ms)   4 input hash   5 events channel
--       6 prefix of idempotency strings   7 their lifetime after the end (ms)   8 root of the account's keys
-- RETURNS "done" | "missing" | "replayed" (withdraw only) | the state that forbids it
-- GUARANTEE an update that is being sent or final is left as it is, and so is one that would be withdrawn
--           while its caller, asking again with its key, has been told that it is accepted. What is cancelled
--           stands in the audit trail exactly once, what is withdrawn, or was of a dry run, never. The lane's entry in
--           lanes-waiting is left to the next claim, which removes it with the lane empty.
-- include finish-update.lua
-- include bulk-row.lua
-- include tally.lua
local updateKey, laneKey, historyKey = KEYS[1], KEYS[2], KEYS[3]
local countsKey, idempotencyKey, auditKey = KEYS[4], KEYS[5], KEYS[6]
local id, mode, retentionMs, inputHash, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local idempotencyPrefix, idempotencyMs, root = ARGV[6], ARGV[7], ARGV[8]

local record = redis.call("HMGET", updateKey, "state", "priority")
local state, priority = record[1], record[2] or "interactive"
if not state then
  return "missing"
end
if state ~= "QUEUED" then
  return state
end
local key = inputHash ~= "" and redis.call("GET", idempotencyKey)
if mode == "withdraw" and key == inputHash .. " " .. id .. " replayed" then
  return "replayed"
end

-- A row of a bulk update may not have its place yet, and then is not counted yet.
local isCounted = redis.call("LREM", laneKey, 1, id) == 1 or not bulkKeyOf(root, id)
if isCounted then
  redis.call("HINCRBY", countsKey, "QUEUED", -1)
end
if redis.call("EXISTS", laneKey) == 0 then
  redis.call("PEXPIRE", historyKey, retentionMs)
end
if mode == "withdraw" then
  redis.call("DEL", updateKey)
  redis.call("ZREM", historyKey, id)
  if key == inputHash .. " " .. id then
    redis.call("DEL", idempotencyKey)
  end
  redis.call("HINCRBY", root .. "metrics", "withdrawn|" .. priority, 1)
  return "done"
end

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call("HSET", updateKey, "state", "CANCELLED")
if isCounted then
  redis.call("HINCRBY", countsKey, "CANCELLED", 1)
end
local bulkKey = bulkKeyOf(root, id)
local bulk = bulkKey and redis.call("HMGET", bulkKey, "dryRun", "committedAt")
if not bulk or (bulk[1] ~= "1" and bulk[2]) then
  tallyEnd("CANCELLED", "", priority, nil, nowMs)
end
if bulk and bulk[1] == "1" then
  redis.call("HSET", updateKey, "finishedAt", nowMs)
  redis.call("PEXPIRE", updateKey, retentionMs)
else
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
noteRow(root, id, "QUEUED", "CANCELLED", nowMs, retentionMs)
redis.call("PUBLISH", channel, id .. " CANCELLED")
writeTally(root .. "metrics")
return "done"
