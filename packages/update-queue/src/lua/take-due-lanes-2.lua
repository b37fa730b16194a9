-- Takes lanes that are to be woken now, for a process that is going to add their jobs.
-- KEYS  1 lanes-due zset   2 lanes-watched zset
-- ARGV  1 most lanes to take   2 ms within which their wake-ups are to be confirmed   3 longest rest (ms)
--       4 root of the account's keys   5 updates of a lane looked at for its priority
-- RETURNS {watch mark, ms until the next lane (-1 = there is none), lane, priority, lane, priority, …}
-- GUARANTEE a lane that is taken stays watched until its wake-up is confirmed (confirm-wakes) or it is
--           claimed: when the taker dies in between it is taken again. A time further ahead than any rest
--           (Redis' host set its clock back) counts as come.
local dueKey, watchedKey = KEYS[1], KEYS[2]
local limit, confirmMs, longestRestMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local root, depth = ARGV[4], tonumber(ARGV[5])

local time = redis.call("TIME")
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local mark = string.format("%.0f", nowMs + confirmMs)
local reply = { mark, -1 }

local function priorityOf(lane)
  for _, id in ipairs(redis.call("LRANGE", root .. "lane:" .. lane, 0, depth - 1)) do
    if redis.call("HGET", root .. id, "priority") ~= "bulk" then
      return "interactive"
    end
  end
  return "bulk"
end

for _, key in ipairs({ dueKey, watchedKey }) do
  for _, range in ipairs({ { "-inf", nowMs }, { "(" .. string.format("%.0f", nowMs + longestRestMs), "+inf" } }) do
    for _, lane in ipairs(redis.call("ZRANGEBYSCORE", key, range[1], range[2], "LIMIT", 0, limit)) do
      limit = limit - 1
      redis.call("ZREM", dueKey, lane)
      redis.call("ZADD", watchedKey, mark, lane)
      reply[#reply + 1] = lane
      reply[#reply + 1] = priorityOf(lane)
    end
  end
end

for _, key in ipairs({ dueKey, watchedKey }) do
  local head = redis.call("ZRANGE", key, 0, 0, "WITHSCORES")
  if head[2] then
    local waitMs = math.max(tonumber(head[2]) - nowMs, 0)
    reply[2] = reply[2] < 0 and waitMs or math.min(reply[2], waitMs)
  end
end
return reply
