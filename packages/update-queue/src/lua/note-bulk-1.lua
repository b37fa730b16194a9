-- Writes down how far the leader of a bulk update came.
-- KEYS  1 bulk hash
-- ARGV  1… field, value, …
-- RETURNS 1, or 0 when the bulk update is gone: nothing is left behind then
-- GUARANTEE none but that
if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
for at = 1, #ARGV, 2 do
  redis.call("HSET", KEYS[1], ARGV[at], ARGV[at + 1])
end
return 1
