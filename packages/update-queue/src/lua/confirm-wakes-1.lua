-- The wake-ups of lanes that were taken (take-due-lanes) are made: nobody needs to watch over them any more.
-- KEYS  1 lanes-watched zset
-- ARGV  1 watch mark   2… lanes
-- RETURNS nothing
-- GUARANTEE a lane that is watched for another reason since stays watched.
local watchedKey, mark = KEYS[1], tonumber(ARGV[1])
for i = 2, #ARGV do
  if tonumber(redis.call("ZSCORE", watchedKey, ARGV[i]) or -1) == mark then
    redis.call("ZREM", watchedKey, ARGV[i])
  end
end
