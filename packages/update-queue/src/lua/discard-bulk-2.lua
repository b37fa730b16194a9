-- Throws an intake away, some rows at a time, the last ones first.
-- KEYS  1 bulk hash   2 letters of its rows
-- ARGV  1 root of the account's keys   2 bulk update id   3 intake token; "" = whoever has it, when it is abandoned
--       4 most rows to delete   5 ms of silence after which it is abandoned   6 the same for one with an idempotency key
--       7 "1" = only rows beyond those that were written (a former sender's)
-- RETURNS rows that are left; 0 = nothing is left of it, or nothing was to be thrown away
-- GUARANTEE what was committed is never touched.
local bulkKey, lettersKey = KEYS[1], KEYS[2]
local root, id, token, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local silenceMs, keyedSilenceMs, isTrimming = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == "1"

local bulk = redis.call("HMGET", bulkKey, "state", "token", "total", "highest", "idempotency")
local state, total = bulk[1], tonumber(bulk[3] or 0)
local highest = math.max(total, tonumber(bulk[4] or 0))
if not state then
  redis.call("ZREM", root .. "bulks-ingesting", id)
  return 0
end
if state ~= "INGESTING" and state ~= "DISCARDED" then
  return 0
end
if token ~= "" and bulk[2] ~= token then
  return 0
end
if token == "" and state == "INGESTING" then
  local time = redis.call("TIME")
  local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local heardMs = tonumber(redis.call("ZSCORE", root .. "bulks-ingesting", id) or 0)
  if nowMs - heardMs < (bulk[5] and keyedSilenceMs or silenceMs) then
    return 0
  end
end
local least = 0
if isTrimming then
  least = total
else
  redis.call("HSET", bulkKey, "state", "DISCARDED")
end
local updatePrefix = root .. "upd_" .. string.sub(id, 5) .. "_"
local last = math.max(highest - most, least)
for row = highest, last + 1, -1 do
  redis.call("UNLINK", updatePrefix .. string.format("%.0f", row))
end
redis.call("HSET", bulkKey, "highest", last)
if isTrimming then
  return last - least
end
redis.call("HSET", bulkKey, "total", math.min(total, last))
if last == 0 then
  local idempotencyKey = bulk[5] and root .. "bulk-idempotency:" .. bulk[5]
  if idempotencyKey and redis.call("GET", idempotencyKey) == id then
    redis.call("DEL", idempotencyKey)
  end
  redis.call("DEL", bulkKey, lettersKey)
  redis.call("ZREM", root .. "bulks", id)
  redis.call("ZREM", root .. "bulks-ingesting", id)
end
return last
