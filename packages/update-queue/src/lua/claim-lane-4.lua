-- Makes the caller the owner of a lane for one lease and shows what is in it.
-- KEYS  1 lane owner string   2 lane list   3 lane attempt string   4 lanes-waiting zset
-- ARGV  1 owner token   2 lease (ms)   3 referral id   4 how many pending ids to show
--       5 "1" = only as the owner it is already: a lease that ran out is not taken up again
-- RETURNS {"busy", msLeft} | {"empty"} | {"claimed", interrupted attempt or "", id, id, …}
-- GUARANTEE one owner at a time. The owner token is the fence: every later script of this owner
--           refuses once another token stands here.
local ownerKey, laneKey, attemptKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, leaseMs, referralId, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local owner = redis.call("GET", ownerKey)
if (owner and owner ~= token) or (not owner and ARGV[5] == "1") then
  return { "busy", redis.call("PTTL", ownerKey) }
end
local ids = redis.call("LRANGE", laneKey, 0, limit - 1)
local attempt = redis.call("GET", attemptKey)
if #ids == 0 and not attempt then
  redis.call("ZREM", waitingKey, referralId)
  if owner then
    redis.call("DEL", ownerKey)
  end
  return { "empty" }
end
redis.call("SET", ownerKey, token, "PX", leaseMs)
local reply = { "claimed", attempt or "" }
for _, id in ipairs(ids) do
  reply[#reply + 1] = id
end
return reply
