-- Included by the scripts that make an update final: starts its retention and appends it to the audit trail.
--
-- An audit entry is one stream entry, always with the same fields (Redis then keeps their names once a
-- node, not once an entry); what is not known is "". `payload`, `sent` and `error` are copied as they
-- stand in the ledger, sealed there: no script, and no process without the key, reads personal data.
-- Entries past the retention leave as new ones come; the stream as a whole expires when none come.
local function finishUpdate(finishing)
  local updateKey = finishing.updateKey
  local nowMs, retentionMs = finishing.nowMs, finishing.retentionMs
  local record = redis.call(
    "HMGET", updateKey, "referralId", "state", "acceptedAt", "attempts", "requestId", "clientRequestId",
    "etagBefore", "etag", "mergedWith", "sent", "error", "payload", "idempotency"
  )
  for i = 1, #record do
    record[i] = record[i] or ""
  end
  local forgetBeforeMs = string.format("%.0f", math.max(nowMs - retentionMs, 0))
  local entryId = redis.call(
    "XADD", finishing.auditKey, "MINID", "~", forgetBeforeMs, "*",
    "id", finishing.id, "referralId", record[1], "state", record[2], "acceptedAt", record[3],
    "finishedAt", string.format("%.0f", nowMs), "attempts", record[4], "requestId", record[5],
    "clientRequestId", record[6], "etagBefore", record[7], "etag", record[8], "mergedWith", record[9],
    "sent", record[10], "error", record[11], "payload", record[12]
  )
  redis.call("PEXPIRE", finishing.auditKey, retentionMs)
  redis.call("HSET", updateKey, "finishedAt", nowMs, "audit", entryId)
  redis.call("PEXPIRE", updateKey, retentionMs)
  if record[13] ~= "" then
    redis.call("PEXPIRE", finishing.idempotencyPrefix .. record[13], finishing.idempotencyMs)
  end
end
