-- Every row of an intake is there: from here on the bulk update runs.
-- KEYS  1 bulk hash   2 letters of its rows
-- ARGV  1 root of the account's keys   2 bulk update id   3 intake token   4 digest of the whole input
--       5 input columns (JSON)   6 number of rows   7 retention (ms)   8 deadline (ms, Redis clock)
-- RETURNS "committed" | "lost" (the intake is somebody else's, or over) | "expired" (it is past the deadline)
-- GUARANTEE one moment decides: before it nothing of the bulk update runs, after it all of it does. After the deadline it
--           does not come: a caller that has been told "unavailable" is not surprised by a command that sat in a socket buffer.
-- include bulk-row.lua
-- include tally.lua
local bulkKey, lettersKey = KEYS[1], KEYS[2]
local root, id, token, digest, columns = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local total, retentionMs, deadlineMs = ARGV[6], ARGV[7], tonumber(ARGV[8])

local bulk = redis.call("HMGET", bulkKey, "state", "token", "total", "idempotency", "digest", "dryRun")
if bulk[2] == token and bulk[5] == digest then
  return "committed" -- the same command again, after a lost answer from Redis
end
if bulk[1] ~= "INGESTING" or bulk[2] ~= token or bulk[3] ~= total then
  return "lost"
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if nowMs > deadlineMs then
  return "expired"
end
redis.call(
  "HSET", bulkKey, "state", "RUNNING", "digest", digest, "columns", columns, "phase", "enlist", "doneTo", 0,
  "enlistedTo", 0, "committedAt", nowMs
)
if bulk[4] then
  redis.call("SET", root .. "bulk-idempotency:" .. bulk[4], id .. " " .. digest)
end
redis.call("ZREM", root .. "bulks-ingesting", id)
redis.call("ZADD", root .. "bulks-active", nowMs, id)
redis.call("PUBLISH", root .. "events", id .. " RUNNING")
-- Its rows are accepted now. Those of a dry run are no updates: nothing is to become of them.
local isDryRun = bulk[6] == "1"
tally("bulkAccepted|" .. (isDryRun and "yes" or "no"), 1)
if not isDryRun then
  tally("accepted|bulk", tonumber(total))
  local stored = redis.call("HGETALL", bulkKey)
  for at = 1, #stored, 2 do
    local code = string.match(stored[at], "^bad|(.*)$")
    if code then
      tally("finished|FAILED|" .. code .. "|bulk|", tonumber(stored[at + 1]))
    end
  end
end
writeTally(root .. "metrics")
endBulkIfOver(root, bulkKey, id, nowMs, retentionMs)
return "committed"
