-- The fence right before a write: writes down that the named updates are about to be sent.
-- KEYS  1 lane owner string   2 lane attempt string   3 counts hash   4 lane list
-- ARGV  1 owner token   2 lease (ms)   3 attempt (sealed JSON)   4 root of the account's keys
--       5 events channel   6 request id
--       7 most pending updates the attempt was decided on ("" = any)   8… update ids
-- RETURNS "begun" | "lost" (another owner) | "changed" (an update is no longer pending, or held: look again)
--         | "more" (others came in that may go with it: nothing was written down)
-- GUARANTEE from here until settle-updates the attempt is on record, so whoever owns the lane next
--           knows that a write of unknown outcome may be under way. The write counts for every bulk update it is for.
-- include bulk-row.lua
local ownerKey, attemptKey, countsKey, laneKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, leaseMs, attempt = ARGV[1], ARGV[2], ARGV[3]
local root, channel, requestId = ARGV[4], ARGV[5], ARGV[6]

if redis.call("GET", ownerKey) ~= token then
  return "lost"
end
redis.call("PEXPIRE", ownerKey, leaseMs)
if redis.call("GET", attemptKey) == attempt then
  return "begun" -- the same command again, after a lost answer from Redis
end
local seen = tonumber(ARGV[7])
if seen and redis.call("LLEN", laneKey) > seen then
  return "more"
end
local bulkStates, records = {}, {}
for i = 8, #ARGV do
  local record = redis.call("HMGET", root .. ARGV[i], "state", "resendAs")
  if (record[1] ~= "QUEUED" and record[1] ~= "SENDING") or isHeld(root, ARGV[i], bulkStates) then
    return "changed"
  end
  records[i] = record
end
redis.call("SET", attemptKey, attempt)
for bulkKey, state in pairs(bulkStates) do
  if state ~= "" then
    redis.call("HINCRBY", bulkKey, "upstreamCalls", 1)
  end
end
local begun = 0
for i = 8, #ARGV do
  local updateKey = root .. ARGV[i]
  redis.call("HSET", updateKey, "state", "SENDING", "requestId", requestId)
  redis.call("HINCRBY", updateKey, "attempts", 1)
  if records[i][2] then
    redis.call("HDEL", updateKey, "resendAs")
  end
  if records[i][1] == "QUEUED" then
    begun = begun + 1
    noteRow(root, ARGV[i], "QUEUED", "SENDING", 0, 0)
    redis.call("PUBLISH", channel, ARGV[i] .. " SENDING")
  end
end
if begun > 0 then
  redis.call("HINCRBY", countsKey, "QUEUED", -begun)
  redis.call("HINCRBY", countsKey, "SENDING", begun)
end
return "begun"
