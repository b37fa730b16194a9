-- Remembers a referral's state as last seen upstream, unless a newer one is known.
-- KEYS  1 known-state string: "<when it was updated upstream (ms), or nothing> <sealed state>"
-- ARGV  1 when it was updated upstream (ms; "" = not told)   2 sealed state   3 lifetime (ms)
--       4 "1" = from a list page: gives way to what is known unless it is certainly newer
-- RETURNS 1 when it is remembered, 0 when what is known stays
-- GUARANTEE an answer that was overtaken on its way does not bring an older state back. Versions are
--           compared by the upstream's own clock; with the same moment, or none told, the later call wins.
local key = KEYS[1]
local updatedMs, state, lifetimeMs, isFromList = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local known = redis.call("GET", key)
if known then
  local knownMs, newMs = tonumber(string.match(known, "^(%d+) ")), tonumber(updatedMs)
  local isComparable = knownMs and newMs
  if isComparable and newMs < knownMs then
    return 0
  end
  if isFromList == "1" and not (isComparable and newMs > knownMs) then
    return 0
  end
end
redis.call("SET", key, updatedMs .. " " .. state, "PX", lifetimeMs)
return 1
