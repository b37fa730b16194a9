-- Takes, keeps or gives up the lead over the account's bulk updates.
-- KEYS  1 leader string
-- ARGV  1 token of the process   2 lease (ms); 0 = give it up
-- RETURNS 1 when the process leads, else 0
-- GUARANTEE one leader at a time
local owner = redis.call("GET", KEYS[1])
if owner and owner ~= ARGV[1] then
  return 0
end
if ARGV[2] == "0" then
  redis.call("DEL", KEYS[1])
  return 0
end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1
