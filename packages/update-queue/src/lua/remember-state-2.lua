-- Remembers a referral's state as the upstream just answered it, unless a newer one is known.
-- KEYS  1 known-state string (see known-state-text.ts)   2 set of the referrals with its external id (1 again = it has none)
-- ARGV  1 when it was updated upstream (ms; "" = not told)   2 ETag ("-" = none)   3 sealed state   4 lifetime (ms)
--       5 lane name
-- RETURNS 1 when it is remembered, 0 when what is known stays
-- GUARANTEE an answer that was overtaken on its way does not bring an older state back. Versions are
--           compared by the upstream's own clock; with the same moment, or none told, the later call wins. The same
--           version keeps the mark of the pass that showed it; another one has none.
-- include known-head.lua
local key, externalKey = KEYS[1], KEYS[2]
local updatedMs, etag, state, lifetimeMs, lane = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local known = headOf(key)
local mark = noMark
if known then
  local newMs = tonumber(updatedMs)
  if known.updatedMs and newMs and newMs < known.updatedMs then
    return 0
  end
  if known.etag and known.etag ~= "-" and known.etag == etag then
    mark = known.mark
  end
end
redis.call("SET", key, "k2 " .. mark .. " " .. updatedMs .. " " .. etag .. " " .. state, "PX", lifetimeMs)
if externalKey ~= key then
  redis.call("SADD", externalKey, lane)
  redis.call("PEXPIRE", externalKey, lifetimeMs)
end
return 1
