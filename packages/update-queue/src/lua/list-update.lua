-- Included by the scripts that give an update its place in a lane: lists it among its referral's updates, behind those listed before.
--
-- The score is when that was (Unix ms, Redis' clock). Scores that are equal are sorted by member, which for rows of an upload would be by the
-- digits of their numbers; so what follows in the same millisecond, or after a clock that was set back, counts a little later.
local LITTLE_MS = 1 / 2048 -- a double still tells two such moments apart

local function listUpdate(historyKey, id, nowMs)
  local newest = redis.call("ZRANGE", historyKey, -1, -1, "WITHSCORES")
  local score = math.max(nowMs, newest[1] and tonumber(newest[2]) + LITTLE_MS or 0)
  redis.call("ZADD", historyKey, string.format("%.17g", score), id)
  redis.call("PERSIST", historyKey)
end
