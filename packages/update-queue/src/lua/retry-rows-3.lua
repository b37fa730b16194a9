-- Queues FAILED rows of a bulk update that is being retried again, some at a time.
-- KEYS  1 bulk hash   2 letters of its rows   3 counts hash
-- ARGV  1 root of the account's keys   2 bulk update id   3 most rows   4 retention (ms)
-- RETURNS 1 while rows are left, 0 when it is through (or nothing is being retried)
-- GUARANTEE a row is queued again once; its places in lanes are given anew (enlist-rows), in row order. Rows that hold
--           nothing that could be sent stay FAILED. The bulk update does not end before it is through.
-- include bulk-row.lua
local bulkKey, lettersKey, countsKey = KEYS[1], KEYS[2], KEYS[3]
local root, id, most, retentionMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local bulk = redis.call("HMGET", bulkKey, "retrying", "retriedTo", "total", "dryRun")
if not bulk[1] then
  return 0
end
local done, total = tonumber(bulk[2]), tonumber(bulk[3])
local last = math.min(total, done + most)
local letters = redis.call("GETRANGE", lettersKey, done, last - 1)
local hex = string.sub(id, 5)
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local retried = 0
for row = done + 1, last do
  local rowId = "upd_" .. hex .. "_" .. string.format("%.0f", row)
  local updateKey = root .. rowId
  if string.sub(letters, row - done, row - done) == "F" then
    local record = redis.call("HMGET", updateKey, "state", "unusable", "payload")
    if record[1] == "FAILED" and not record[2] and record[3] then
      redis.call(
        "HDEL", updateKey, "error", "finishedAt", "audit", "troubles", "rebases", "foldLimit", "resendAs", "inDoubt",
        "sent", "mergedWith", "clientRequestId", "etagBefore", "etag"
      )
      redis.call("HSET", updateKey, "state", "QUEUED", "requeuedAt", nowMs)
      redis.call("PERSIST", updateKey)
      noteRow(root, rowId, "FAILED", "QUEUED", 0, 0)
      if bulk[4] ~= "1" then
        redis.call("HINCRBY", countsKey, "FAILED", -1)
        retried = retried + 1
      end
      redis.call("PUBLISH", root .. "events", rowId .. " QUEUED")
    end
  end
end
redis.call("HSET", bulkKey, "retriedTo", last)
if retried > 0 then
  redis.call("HINCRBY", root .. "metrics", "retried", retried)
end
if last < total then
  return 1
end
redis.call("HDEL", bulkKey, "retrying", "retriedTo")
if bulk[4] == "1" or tonumber(redis.call("HGET", bulkKey, "QUEUED") or 0) == 0 then
  redis.call("HSET", bulkKey, "enlistedTo", total)
  endBulkIfOver(root, bulkKey, id, nowMs, retentionMs)
end
return 0
