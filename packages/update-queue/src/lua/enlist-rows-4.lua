-- Gives rows of a committed bulk update their places in their lanes, in row order.
-- KEYS  1 bulk hash   2 letters of its rows   3 counts hash   4 audit stream
-- ARGV  1 root of the account's keys   2 bulk update id   3 most rows   4 retention (ms)
--       5… per resolved row: row number, referral id ("" = it fails), failure (sealed; "" = none), its code
-- RETURNS the number of the last row that has its place
-- GUARANTEE every row once: the number of the last one moves in the same step. It ends before a row whose external id
--           is not resolved. Rows that failed from the start are audited as they are passed.
-- include finish-update.lua
-- include bulk-row.lua
-- include lane-name.lua
-- include list-update.lua
-- include tally.lua
local bulkKey, lettersKey, countsKey, auditKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local root, id, most, retentionMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local bulk = redis.call("HMGET", bulkKey, "state", "total", "enlistedTo", "dryRun", "retrying")
local total, enlistedTo = tonumber(bulk[2] or 0), tonumber(bulk[3] or 0)
-- What is passed while rows are being queued again (by a leader that was paused) would never get its place.
if bulk[4] == "1" or bulk[5] or (bulk[1] ~= "RUNNING" and bulk[1] ~= "PAUSED") then
  return enlistedTo
end
local resolved = {}
for at = 5, #ARGV, 4 do
  resolved[tonumber(ARGV[at])] = { referralId = ARGV[at + 1], failure = ARGV[at + 2], code = ARGV[at + 3] }
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local hex = string.sub(id, 5)
local last = math.min(total, enlistedTo + most)
local letters = redis.call("GETRANGE", lettersKey, enlistedTo, last - 1)

local function finish(rowId, updateKey)
  finishUpdate({
    id = rowId,
    updateKey = updateKey,
    auditKey = auditKey,
    nowMs = nowMs,
    retentionMs = retentionMs,
  })
  redis.call("HINCRBY", countsKey, "FAILED", 1)
end

local row, queued = enlistedTo, 0
while row < last do
  local letter = string.sub(letters, row + 1 - enlistedTo, row + 1 - enlistedTo)
  local rowId = "upd_" .. hex .. "_" .. string.format("%.0f", row + 1)
  local updateKey = root .. rowId
  if letter == "Q" then
    local record = redis.call("HMGET", updateKey, "referralId", "acceptedAt", "requeuedAt")
    local referralId = record[1]
    local answer = resolved[row + 1]
    if not referralId then -- its record is gone
      noteLostRow(root, rowId, nowMs, retentionMs)
      tallyEnd("FAILED", "INTERNAL", "bulk", nil, nowMs)
    elseif referralId == "" and not answer then
      break
    elseif referralId == "" and answer.referralId == "" then
      redis.call("HSET", updateKey, "state", "FAILED", "error", answer.failure)
      finish(rowId, updateKey)
      tallyEnd("FAILED", answer.code, "bulk", record[3] or record[2], nowMs)
      noteRow(root, rowId, "QUEUED", "FAILED", nowMs, retentionMs)
      redis.call("PUBLISH", root .. "events", rowId .. " FAILED")
    else
      if referralId == "" then
        referralId = answer.referralId
        redis.call("HSET", updateKey, "referralId", referralId)
      end
      local lane = laneNameOf(referralId)
      redis.call("RPUSH", root .. "lane:" .. lane, rowId)
      listUpdate(root .. "referral-updates:" .. lane, rowId, nowMs)
      queued = queued + 1
    end
  elseif letter == "F" then
    local record = redis.call("HMGET", updateKey, "state", "audit")
    if record[1] and not record[2] then -- its retention may be over
      finish(rowId, updateKey)
    end
  end
  row = row + 1
end
redis.call("HSET", bulkKey, "enlistedTo", row)
redis.call("HINCRBY", countsKey, "QUEUED", queued)
writeTally(root .. "metrics")
endBulkIfOver(root, bulkKey, id, nowMs, retentionMs)
return row
