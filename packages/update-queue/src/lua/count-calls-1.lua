-- Counts upstream requests made on behalf of a bulk update.
-- KEYS  1 bulk hash
-- ARGV  1 how many
-- RETURNS 1, or 0 when the bulk update is gone: nothing is left behind then
-- GUARANTEE none but that
if redis.call("EXISTS", KEYS[1]) == 0 then
  return 0
end
redis.call("HINCRBY", KEYS[1], "upstreamCalls", ARGV[1])
return 1
