-- Takes callbacks that are due, for a process that is going to make them.
-- KEYS  1 callbacks-due zset: bulk update id -> when it is to be called back (ms)
--       2 callbacks-tried hash: bulk update id -> what was noted about the tries so far
-- ARGV  1 most callbacks to take   2 ms they belong to the taker   3 longest wait between two tries (ms)
-- RETURNS {now (ms), mark, ms until the next one (-1 = there is none), id, note, id, note, …}
-- GUARANTEE a callback that is taken comes due again when its taker does not end it (end-callback). A time further
--           ahead than any wait (Redis' host set its clock back) counts as come.
local dueKey, triedKey = KEYS[1], KEYS[2]
local limit, leaseMs, longestWaitMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
-- Whole numbers are the moments of new callbacks: half a ms keeps a taker's mark apart from them.
local mark = string.format("%.0f.5", nowMs + leaseMs)
local reply = { nowMs, mark, -1 }

for _, range in ipairs({ { "-inf", nowMs }, { string.format("(%.0f", nowMs + longestWaitMs), "+inf" } }) do
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", dueKey, range[1], range[2], "LIMIT", 0, limit)) do
    limit = limit - 1
    redis.call("ZADD", dueKey, mark, id)
    reply[#reply + 1] = id
    reply[#reply + 1] = redis.call("HGET", triedKey, id) or ""
  end
end

local head = redis.call("ZRANGE", dueKey, 0, 0, "WITHSCORES")
if head[2] then
  reply[3] = math.max(math.ceil(tonumber(head[2]) - nowMs), 0)
end
return reply
