-- Pauses, resumes, cancels or retries a bulk update, as far as that is one step; rows follow (cancel-rows, retry-rows).
-- KEYS  1 bulk hash
-- ARGV  1 root of the account's keys   2 bulk update id   3 "pause" | "resume" | "cancel" | "retry"
--       4 who (sealed; pause only)   5 retention (ms)
-- RETURNS the state it has afterwards, "" when there is none; {"refused", state} when its state does not allow it
-- GUARANTEE asking twice is asking once. From here on no row of a paused or cancelled one begins a write.
-- include bulk-row.lua
local bulkKey = KEYS[1]
local root, id, action, by, retentionMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local bulk = redis.call("HMGET", bulkKey, "state", "FAILED")
local state = bulk[1]
if not state or state == "DISCARDED" then
  return ""
end
local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function becomes(next)
  redis.call("HSET", bulkKey, "state", next)
  redis.call("PUBLISH", root .. "events", id .. " " .. next)
  return next
end

if action == "pause" then
  if state == "PAUSED" then
    return state
  end
  if state == "RUNNING" then
    redis.call("HSET", bulkKey, "pausedBy", by)
    return becomes("PAUSED")
  end
elseif action == "resume" then
  if state == "RUNNING" then
    return state
  end
  if state == "PAUSED" then
    redis.call("HDEL", bulkKey, "pausedBy")
    return becomes("RUNNING")
  end
elseif action == "cancel" then
  if state == "CANCELLED" then
    return state
  end
  if state == "INGESTING" or state == "RUNNING" or state == "PAUSED" then
    redis.call("HDEL", bulkKey, "token", "pausedBy", "retrying")
    redis.call("ZREM", root .. "bulks-ingesting", id)
    redis.call("ZADD", root .. "bulks-active", nowMs, id)
    becomes("CANCELLED")
    endBulkIfOver(root, bulkKey, id, nowMs, retentionMs)
    return "CANCELLED"
  end
elseif state == "COMPLETED" or (state == "COMPLETED_WITH_ERRORS" and tonumber(bulk[2] or 0) == 0) then
  return state
elseif state == "COMPLETED_WITH_ERRORS" then
  redis.call("PERSIST", bulkKey)
  redis.call("PERSIST", bulkKey .. ":rows")
  redis.call("HDEL", bulkKey, "finishedAt", "planCalls")
  redis.call("HSET", bulkKey, "retrying", "1", "retriedTo", 0, "enlistedTo", 0, "phase", "enlist", "doneTo", 0)
  redis.call("HINCRBY", bulkKey, "run", 1)
  redis.call("DEL", root .. "survey-of:" .. id) -- what was seen for it was seen before the retry
  redis.call("ZADD", root .. "bulks-active", nowMs, id)
  return becomes("RUNNING")
end
return { "refused", state }
