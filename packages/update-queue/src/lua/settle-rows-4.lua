-- Ends rows whose fate the leader of the bulk updates could tell without a lane job.
-- KEYS  1 bulk hash   2 counts hash   3 audit stream   4 lanes-waiting zset
-- ARGV  1 root of the account's keys   2 bulk update id   3 retention (ms)
--       4… per row: row number, referral id, state, failure (sealed; ""), its code (""), patch of a dry run (sealed; ""),
--       ETag before ("")
-- RETURNS the numbers of the rows that were left as they are
-- GUARANTEE only a row that is QUEUED ends here, and (but for dry runs) only the first one in a lane nobody owns: it
--           would be the next one decided there; and with an ETag only while that is still the version known: a write
--           since then (known before its lane is free) is not overlooked. A row that is not QUEUED any more counts as ended.
-- include finish-update.lua
-- include bulk-row.lua
-- include lane-name.lua
-- include known-head.lua
-- include tally.lua
local bulkKey, countsKey, auditKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local root, id, retentionMs = ARGV[1], ARGV[2], tonumber(ARGV[3])

local bulk = redis.call("HMGET", bulkKey, "state", "dryRun")
local isRunning, isDryRun = bulk[1] == "RUNNING", bulk[2] == "1"
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local hex = string.sub(id, 5)
local left = {}

for at = 4, #ARGV, 7 do
  local row, referralId, state, failure = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local code, sent, etagBefore = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6]
  local rowId = "upd_" .. hex .. "_" .. row
  local updateKey = root .. rowId
  local record = redis.call("HMGET", updateKey, "state", "acceptedAt", "requeuedAt")
  if record[1] == "QUEUED" then
    local lane = laneNameOf(referralId)
    local laneKey = root .. "lane:" .. lane
    local isFirst = not isDryRun and redis.call("LINDEX", laneKey, 0) == rowId
      and redis.call("EXISTS", root .. "lane-owner:" .. lane, root .. "lane-attempt:" .. lane) == 0
    local known = isFirst and etagBefore ~= "" and headOf(root .. "known:" .. lane)
    local isCurrent = etagBefore == "" or (known and known.etag == etagBefore)
    if isRunning and (isDryRun or (isFirst and isCurrent)) then
      redis.call("HSET", updateKey, "state", state)
      if failure ~= "" then
        redis.call("HSET", updateKey, "error", failure)
      end
      if sent ~= "" then
        redis.call("HSET", updateKey, "sent", sent)
      end
      if etagBefore ~= "" then
        redis.call("HSET", updateKey, "etagBefore", etagBefore)
      end
      if isDryRun then
        if redis.call("HGET", updateKey, "referralId") == "" then
          redis.call("HSET", updateKey, "referralId", referralId)
        end
        redis.call("HSET", updateKey, "finishedAt", nowMs)
        redis.call("PEXPIRE", updateKey, retentionMs)
      else
        redis.call("LREM", laneKey, 1, rowId)
        if redis.call("EXISTS", laneKey) == 0 then
          redis.call("ZREM", waitingKey, lane)
          redis.call("PEXPIRE", root .. "referral-updates:" .. lane, retentionMs)
        end
        redis.call("HINCRBY", countsKey, "QUEUED", -1)
        redis.call("HINCRBY", countsKey, state, 1)
        tallyEnd(state, code, "bulk", record[3] or record[2], nowMs)
        finishUpdate({
          id = rowId,
          updateKey = updateKey,
          auditKey = auditKey,
          nowMs = nowMs,
          retentionMs = retentionMs,
        })
      end
      noteRow(root, rowId, "QUEUED", state, nowMs, retentionMs)
      redis.call("PUBLISH", root .. "events", rowId .. " " .. state)
    else
      left[#left + 1] = tonumber(row)
    end
  end
end
writeTally(root .. "metrics")
return left
