-- Gives a lane up, if there is nothing left to do in it (or in any case, when handing it back).
-- KEYS  1 lane owner string   2 lane list   3 lane attempt string   4 lanes-waiting zset
-- ARGV  1 owner token   2 referral id   3 "1" = give up even with updates pending
-- RETURNS "released" | "pending" (still the owner: go on) | "lost"
-- GUARANTEE looking and letting go are one step: an update accepted in between is either seen here
--           or finds the lane without an owner and wakes it itself.
local ownerKey, laneKey, attemptKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, referralId, evenPending = ARGV[1], ARGV[2], ARGV[3]

if redis.call("GET", ownerKey) ~= token then
  return "lost"
end
local isIdle = redis.call("LLEN", laneKey) == 0 and redis.call("EXISTS", attemptKey) == 0
if not isIdle and evenPending ~= "1" then
  return "pending"
end
redis.call("DEL", ownerKey)
if isIdle then
  redis.call("ZREM", waitingKey, referralId)
end
return "released"
