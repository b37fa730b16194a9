-- Takes back rows of a cancelled bulk update that are QUEUED, some at a time.
-- KEYS  1 bulk hash   2 letters of its rows   3 counts hash   4 audit stream
-- ARGV  1 root of the account's keys   2 bulk update id   3 most rows   4 retention (ms)   5 after which row to look
-- RETURNS the number of the last row looked at; 0 = it looked at all
-- GUARANTEE what is being sent, or may have been, is left to its lane. Rows that had their places are audited; what a former
--           sender of an intake wrote, and this one had not reached, goes without a trace.
-- include finish-update.lua
-- include bulk-row.lua
-- include lane-name.lua
-- include tally.lua
local bulkKey, lettersKey, countsKey, auditKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local root, id, most, retentionMs, after = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local bulk = redis.call("HMGET", bulkKey, "state", "enlistedTo", "dryRun", "total", "highest", "committedAt")
if bulk[1] ~= "CANCELLED" then
  return 0
end
local isCounted = bulk[3] ~= "1" and bulk[6] -- what was not committed was never accepted
local enlistedTo = bulk[3] == "1" and 0 or tonumber(bulk[2] or 0)
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local letters = redis.call("GET", lettersKey) or ""
local hex = string.sub(id, 5)
local total, highest = tonumber(bulk[4] or 0), tonumber(bulk[5] or 0)

local function throwSurplusAway()
  local last = math.max(total, highest - most)
  for row = highest, last + 1, -1 do
    local rowId = "upd_" .. hex .. "_" .. string.format("%.0f", row)
    redis.call("UNLINK", root .. rowId)
  end
  redis.call("HSET", bulkKey, "highest", last)
  if last > total then
    return 1 -- no matter where to look for rows
  end
  endBulkIfOver(root, bulkKey, id, nowMs, retentionMs)
  return 0
end

local function tallyCancelled()
  if isCounted then
    tallyEnd("CANCELLED", "", "bulk", nil, nowMs)
  end
end

local at, effort = after, 0
while effort < most do
  effort = effort + 1
  local row = string.find(letters, "Q", at + 1, true)
  if not row then
    writeTally(root .. "metrics")
    return highest > total and throwSurplusAway() or 0
  end
  at = row
  local rowId = "upd_" .. hex .. "_" .. string.format("%.0f", row)
  local updateKey = root .. rowId
  local record = redis.call("HMGET", updateKey, "state", "referralId", "resendAs", "inDoubt")
  if record[1] == "QUEUED" and not record[3] and not record[4] then
    redis.call("HSET", updateKey, "state", "CANCELLED")
    tallyCancelled()
    if row <= enlistedTo then
      local lane = laneNameOf(record[2])
      effort = effort + redis.call("LLEN", root .. "lane:" .. lane) / 1000 -- a long lane may have to be searched
      redis.call("LREM", root .. "lane:" .. lane, 1, rowId)
      if redis.call("EXISTS", root .. "lane:" .. lane) == 0 then
        redis.call("PEXPIRE", root .. "referral-updates:" .. lane, retentionMs)
      end
      redis.call("HINCRBY", countsKey, "QUEUED", -1)
      redis.call("HINCRBY", countsKey, "CANCELLED", 1)
      finishUpdate({
        id = rowId,
        updateKey = updateKey,
        auditKey = auditKey,
        nowMs = nowMs,
        retentionMs = retentionMs,
      })
    else
      redis.call("HSET", updateKey, "finishedAt", nowMs)
      redis.call("PEXPIRE", updateKey, retentionMs)
    end
    noteRow(root, rowId, "QUEUED", "CANCELLED", nowMs, retentionMs)
    redis.call("PUBLISH", root .. "events", rowId .. " CANCELLED")
  elseif not record[1] then
    tallyCancelled()
    noteRow(root, rowId, "QUEUED", "CANCELLED", nowMs, retentionMs)
  end
end
writeTally(root .. "metrics")
return at
