-- Writes the next rows of an intake; none of them = its sender is still there.
-- KEYS  1 bulk hash   2 letters of its rows
-- ARGV  1 root of the account's keys   2 bulk update id   3 intake token   4 number of the first row
--       5 retention (ms)   6… per row: referral id ("" = not known), payload, failure (sealed; "" = none),
--       code of that failure ("" = none; else it holds nothing that could be sent)
-- RETURNS "added" | "lost" (the intake is somebody else's, or over)
-- GUARANTEE all or nothing. The same rows again, after a lost answer, count once.
local bulkKey, lettersKey = KEYS[1], KEYS[2]
local root, id, token, firstRow, retentionMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local bulk = redis.call("HMGET", bulkKey, "state", "token", "total", "skipUnchanged", "submittedAt")
if bulk[1] ~= "INGESTING" or bulk[2] ~= token then
  return "lost"
end
local time = redis.call("TIME")
local nowMs = string.format("%.0f", tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call("ZADD", root .. "bulks-ingesting", "XX", nowMs, id)
local total, count = tonumber(bulk[3]), (#ARGV - 5) / 4
if firstRow + count - 1 <= total then
  return "added" -- the same command again, after a lost answer from Redis
end
if firstRow ~= total + 1 then
  return redis.error_reply("ERR rows are missing before row " .. firstRow)
end
local updatePrefix = root .. "upd_" .. string.sub(id, 5) .. "_"
local isRewriting = tonumber(redis.call("HGET", bulkKey, "highest")) >= firstRow
local more = bulk[4] == "1" and { "skip", "1" } or {}
local letters, failed, failedBy = {}, 0, {}
for index = 1, count do
  local at = 6 + (index - 1) * 4
  local referralId, payload, failure, code = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local row = string.format("%.0f", firstRow + index - 1)
  local updateKey = updatePrefix .. row
  if isRewriting then
    redis.call("DEL", updateKey)
  end
  if failure == "" then
    redis.call(
      "HSET", updateKey, "referralId", referralId, "state", "QUEUED", "acceptedAt", nowMs, "priority", "bulk",
      "payload", payload, unpack(more)
    )
    letters[index] = "Q"
  else
    redis.call(
      "HSET", updateKey, "referralId", referralId, "state", "FAILED", "acceptedAt", nowMs, "priority", "bulk",
      "payload", payload, "error", failure, "finishedAt", nowMs, "unusable", "1", unpack(more)
    )
    redis.call("PEXPIRE", updateKey, retentionMs)
    letters[index] = "F"
    failed = failed + 1
    failedBy[code] = (failedBy[code] or 0) + 1
  end
end
redis.call("SETRANGE", lettersKey, firstRow - 1, table.concat(letters))
redis.call("HINCRBY", bulkKey, "total", count)
redis.call("HINCRBY", bulkKey, "QUEUED", count - failed)
redis.call("HINCRBY", bulkKey, "FAILED", failed)
for code, rows in pairs(failedBy) do
  redis.call("HINCRBY", bulkKey, "bad|" .. code, rows)
end
return "added"
