-- Included by the scripts that move updates: keeps the books of the bulk update that an update is a row of.
--
-- `root` is what all keys of the account begin with. The hash of a bulk update counts its rows by state; beside it
-- stands one letter per row, the first one of its state. Both move with the row, in the same step, and so does the
-- end of the bulk update with the end of its last row.
local function bulkKeyOf(root, id)
  local hex, row = string.match(id, "^upd_(%x+)_(%d+)$")
  if not hex then
    return nil
  end
  return root .. "bulk:blk_" .. hex, tonumber(row), "blk_" .. hex
end

-- Ends a committed bulk update none of whose rows is going to change any more.
local function endBulkIfOver(root, bulkKey, bulkId, nowMs, retentionMs)
  local bulk = redis.call(
    "HMGET", bulkKey, "state", "QUEUED", "SENDING", "FAILED", "total", "enlistedTo", "dryRun", "retrying",
    "callback", "idempotency", "idempotencyMs", "highest", "committedAt"
  )
  local state, open = bulk[1], tonumber(bulk[2] or 0) + tonumber(bulk[3] or 0)
  if open > 0 or bulk[8] or (state ~= "RUNNING" and state ~= "PAUSED" and state ~= "CANCELLED") then
    return
  end
  if tonumber(bulk[12] or 0) > tonumber(bulk[5]) then
    return -- a former sender's rows, that nobody could find any more, have yet to be thrown away (cancel-rows)
  end
  if state ~= "CANCELLED" and bulk[7] ~= "1" and tonumber(bulk[6] or 0) < tonumber(bulk[5]) then
    return -- rows that failed from the start have yet to be written to the audit trail
  end
  if state ~= "CANCELLED" then
    state = tonumber(bulk[4] or 0) > 0 and "COMPLETED_WITH_ERRORS" or "COMPLETED"
  end
  redis.call("HSET", bulkKey, "state", state, "finishedAt", string.format("%.0f", nowMs))
  redis.call("PEXPIRE", bulkKey, retentionMs)
  redis.call("PEXPIRE", bulkKey .. ":rows", retentionMs)
  redis.call("ZREM", root .. "bulks-active", bulkId)
  if bulk[13] then
    redis.call("HINCRBY", root .. "metrics", "bulkFinished|" .. state .. "|" .. (bulk[7] == "1" and "yes" or "no"), 1)
  end
  if bulk[9] == "1" then
    redis.call("PERSIST", bulkKey) -- who is told reads it
    redis.call("PEXPIRE", bulkKey, math.max(tonumber(retentionMs), 2 * 24 * 60 * 60 * 1000))
    redis.call("ZADD", root .. "callbacks-due", string.format("%.0f", nowMs), bulkId)
  end
  local idempotencyKey = bulk[10] and root .. "bulk-idempotency:" .. bulk[10]
  -- After an intake that was cancelled the key may be another one's by now.
  if idempotencyKey and string.match(redis.call("GET", idempotencyKey) or "", "^%S+") == bulkId then
    redis.call("PEXPIRE", idempotencyKey, bulk[11])
  end
  redis.call("PUBLISH", root .. "events", bulkId .. " " .. state)
end

-- Writes down that an update went from one state to another; does nothing for one that came alone.
local function noteRow(root, id, from, to, nowMs, retentionMs)
  local bulkKey, row, bulkId = bulkKeyOf(root, id)
  if not bulkKey or from == to or redis.call("HEXISTS", bulkKey, "state") == 0 then
    return
  end
  redis.call("HINCRBY", bulkKey, from, -1)
  redis.call("HINCRBY", bulkKey, to, 1)
  redis.call("SETRANGE", bulkKey .. ":rows", row - 1, string.sub(to, 1, 1))
  if to ~= "QUEUED" and to ~= "SENDING" then
    endBulkIfOver(root, bulkKey, bulkId, nowMs, retentionMs)
  end
end

-- Counts a row whose record is gone as FAILED, whatever it was.
local function noteLostRow(root, id, nowMs, retentionMs)
  local bulkKey, row = bulkKeyOf(root, id)
  local letter = bulkKey and redis.call("GETRANGE", bulkKey .. ":rows", row - 1, row - 1)
  local from = letter == "Q" and "QUEUED" or letter == "S" and "SENDING"
  if from then
    noteRow(root, id, from, "FAILED", nowMs, retentionMs)
  end
end

-- Whether a row may not be sent at the moment: its bulk update is paused or cancelled. One whose write may have
-- had its effect goes on all the same.
local function isHeld(root, id, bulkStates)
  local bulkKey = bulkKeyOf(root, id)
  if not bulkKey then
    return false
  end
  local state = bulkStates[bulkKey]
  if state == nil then
    state = redis.call("HGET", bulkKey, "state") or ""
    bulkStates[bulkKey] = state
  end
  if state ~= "PAUSED" and state ~= "CANCELLED" then
    return false
  end
  local row = redis.call("HMGET", root .. id, "state", "resendAs", "inDoubt")
  return row[1] == "QUEUED" and not row[2] and not row[3]
end
