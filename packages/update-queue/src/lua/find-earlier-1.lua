-- What an idempotency key was used for before.
-- KEYS  1 idempotency string
-- ARGV  1 input hash
-- RETURNS {"none", ""} | {"replayed", id} | {"mismatch", id}
-- GUARANTEE a replay is marked in the same step, so that nobody withdraws what it promised (take-back-update).
local earlier = redis.call("GET", KEYS[1])
if not earlier then
  return { "none", "" }
end
local earlierHash, earlierId = string.match(earlier, "^(%S+) (%S+)")
if earlierHash ~= ARGV[1] then
  return { "mismatch", earlierId }
end
redis.call("SET", KEYS[1], earlierHash .. " " .. earlierId .. " replayed", "KEEPTTL")
return { "replayed", earlierId }
