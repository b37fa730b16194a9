-- Accepts one referral update: writes it to the ledger and to the end of its lane.
-- KEYS  1 update hash   2 lane list   3 lanes-waiting zset   4 referral-updates zset
--       5 counts hash   6 idempotency string (unused when ARGV[5] is "")   7 metrics hash
-- ARGV  1 update id   2 referral id   3 payload   4 deadline (ms, Redis clock; 0 = none)
--       5 input hash, "" without idempotency key   6 name of the idempotency string   7 priority
--       8 events channel   9 lane name
-- RETURNS {"accepted", id, nowMs} | {"replayed", id, nowMs} | {"mismatch", id, nowMs} | {"expired", "", nowMs}
-- GUARANTEE all or nothing; after the deadline nothing is accepted, so a caller that has been told
--           "unavailable" is never surprised by a command that sat in a socket buffer. A replay is
--           marked, so that nobody withdraws what it promised (take-back-update). The idempotency string
--           has no end while its update is pending; finish-update gives it one.
-- include list-update.lua
local updateKey, laneKey, waitingKey, historyKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local countsKey, idempotencyKey, metricsKey = KEYS[5], KEYS[6], KEYS[7]
local id, referralId, payload, deadlineMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local inputHash, idempotencyName, priority = ARGV[5], ARGV[6], ARGV[7]
local channel, lane = ARGV[8], ARGV[9]

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if deadlineMs > 0 and nowMs > deadlineMs then
  return { "expired", "", nowMs }
end

if inputHash ~= "" then
  local earlier = redis.call("GET", idempotencyKey)
  if earlier then
    local earlierHash, earlierId = string.match(earlier, "^(%S+) (%S+)")
    if earlierHash == inputHash then
      redis.call("SET", idempotencyKey, inputHash .. " " .. earlierId .. " replayed", "KEEPTTL")
      return { "replayed", earlierId, nowMs }
    end
    return { "mismatch", earlierId, nowMs }
  end
  redis.call("SET", idempotencyKey, inputHash .. " " .. id)
end

redis.call("HSET", updateKey, "referralId", referralId, "state", "QUEUED", "acceptedAt", nowMs, "payload", payload)
if priority ~= "interactive" then
  redis.call("HSET", updateKey, "priority", priority)
end
if inputHash ~= "" then
  redis.call("HSET", updateKey, "idempotency", idempotencyName)
end
if redis.call("RPUSH", laneKey, id) == 1 then
  redis.call("ZADD", waitingKey, nowMs, lane)
else
  redis.call("ZADD", waitingKey, "NX", nowMs, lane)
end
listUpdate(historyKey, id, nowMs)
redis.call("HINCRBY", countsKey, "QUEUED", 1)
redis.call("HINCRBY", metricsKey, "accepted|" .. priority, 1)
redis.call("PUBLISH", channel, id .. " QUEUED")
return { "accepted", id, nowMs }
