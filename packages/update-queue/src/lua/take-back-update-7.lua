-- Ends a QUEUED update before it is sent: cancelled (stays readable) or withdrawn (as if never accepted).
-- KEYS  1 update hash   2 payload string   3 lane list   4 referral-updates zset   5 counts hash
--       6 idempotency string (withdraw only; "" hash in ARGV[4] = leave it alone)   7 audit stream
-- ARGV  1 update id   2 "cancel" | "withdraw"   3 retention (ms)   4 input hash   5 events channel
--       6 prefix of idempotency strings   7 their lifetime after the end (ms)
-- RETURNS "done" | "missing" | "replayed" (withdraw only) | the state that forbids it
-- GUARANTEE an update that is being sent or final is left as it is, and so is one that would be withdrawn
--           while its caller, asking again with its key, has been told that it is accepted. What is cancelled
--           stands in the audit trail exactly once, what is withdrawn never. The lane's entry in
--           lanes-waiting is left to the next claim, which removes it with the lane empty.
-- include finish-update.lua
local updateKey, payloadKey, laneKey, historyKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local countsKey, idempotencyKey, auditKey = KEYS[5], KEYS[6], KEYS[7]
local id, mode, retentionMs, inputHash, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local idempotencyPrefix, idempotencyMs = ARGV[6], ARGV[7]

local state = redis.call("HGET", updateKey, "state")
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

redis.call("LREM", laneKey, 1, id)
redis.call("HINCRBY", countsKey, "QUEUED", -1)
if redis.call("EXISTS", laneKey) == 0 then
  redis.call("PEXPIRE", historyKey, retentionMs)
end
if mode == "withdraw" then
  redis.call("DEL", updateKey, payloadKey)
  redis.call("ZREM", historyKey, id)
  if key == inputHash .. " " .. id then
    redis.call("DEL", idempotencyKey)
  end
  return "done"
end

local time = redis.call("TIME")
redis.call("HSET", updateKey, "state", "CANCELLED")
redis.call("HINCRBY", countsKey, "CANCELLED", 1)
finishUpdate({
  id = id,
  updateKey = updateKey,
  payloadKey = payloadKey,
  auditKey = auditKey,
  nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000),
  retentionMs = retentionMs,
  idempotencyPrefix = idempotencyPrefix,
  idempotencyMs = idempotencyMs,
})
redis.call("PUBLISH", channel, id .. " CANCELLED")
return "done"
