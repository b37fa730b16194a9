-- Opens the intake of a bulk update, or takes over the one that was opened under the same idempotency key.
-- KEYS  1 idempotency string (unused when ARGV[4] is "")
-- ARGV  1 root of the account's keys   2 bulk update id   3 intake token   4 name of the idempotency string, ""
--       5 its lifetime after the end (ms)   6 "1" = dry run   7 "1" = skip unchanged   8 "1" = has a callback
--       9 what its caller says about it (sealed JSON)
-- RETURNS {"open", id, rows written by a former sender} | {"earlier", id, digest of its input}
-- GUARANTEE nothing of it runs before commit-bulk. The newest sender has the intake; a former one is refused from
--           here on. Rows that are written again are counted anew.
local idempotencyKey = KEYS[1]
local root, id, token, idempotency, idempotencyMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local isDryRun, skipsUnchanged, hasCallback, about = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local former = 0
if idempotency ~= "" then
  local earlierId, digest = string.match(redis.call("GET", idempotencyKey) or "", "^(%S+) ?(%S*)$")
  local state = earlierId and redis.call("HGET", root .. "bulk:" .. earlierId, "state")
  if state == "INGESTING" then
    id = earlierId
    local written = redis.call("HMGET", root .. "bulk:" .. id, "total", "highest")
    former = math.max(tonumber(written[1] or 0), tonumber(written[2] or 0))
  elseif earlierId and digest ~= "" then
    return { "earlier", earlierId, digest }
  end
  redis.call("SET", idempotencyKey, id)
end
local bulkKey = root .. "bulk:" .. id
redis.call("DEL", bulkKey, bulkKey .. ":rows")
redis.call(
  "HSET", bulkKey, "state", "INGESTING", "token", token, "submittedAt", nowMs, "dryRun", isDryRun,
  "skipUnchanged", skipsUnchanged, "callback", hasCallback, "about", about, "total", 0, "highest", former
)
if idempotency ~= "" then
  redis.call("HSET", bulkKey, "idempotency", idempotency, "idempotencyMs", idempotencyMs)
end
redis.call("ZADD", root .. "bulks", nowMs, id)
redis.call("ZADD", root .. "bulks-ingesting", nowMs, id)
return { "open", id, former }
