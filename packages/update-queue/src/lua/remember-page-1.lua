-- Remembers the referrals of a list page where nothing, or an older version, is known.
-- KEYS  1 prefix of known-state strings (see known-state-text.ts)
-- ARGV  1 prefix of the sets of referrals by external id   2 mark of the pass that showed the page (all "-" = none)
--       3 lifetime (ms)   4 where the mark stands in a state
--       5… per referral: lane name, when it was updated upstream (ms; ""), ETag, sealed state, name of its set ("" = none)
-- RETURNS per referral: 0 another version is known that may be newer, 1 it is news, 2 it was known,
--         3 and shown by a former pass of this chain, 4 and by this pass
-- GUARANTEE a page gives way to what is known unless it is certainly newer; a version that is known gets the mark of this pass
--           and lives on as if seen now.
-- include known-head.lua
local knownPrefix, externalPrefix, mark = KEYS[1], ARGV[1], ARGV[2]
local lifetimeMs, markAt = ARGV[3], tonumber(ARGV[4])
local CHAIN_DIGITS = 12

local verdicts = {}
for at = 5, #ARGV, 5 do
  local lane, updatedMs, etag, state, externalName = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local key = knownPrefix .. lane
  local known = headOf(key)
  local verdict
  if not known then
    verdict = 1
  elseif known.etag == etag then
    local isOfChain = string.sub(known.mark, 1, CHAIN_DIGITS) == string.sub(mark, 1, CHAIN_DIGITS)
    verdict = (mark == noMark or not isOfChain) and 2 or (known.mark == mark and 4 or 3)
  else
    local newMs = tonumber(updatedMs)
    verdict = (known.updatedMs and newMs and newMs > known.updatedMs) and 1 or 0
  end
  if verdict == 1 then
    redis.call("SET", key, "k2 " .. mark .. " " .. updatedMs .. " " .. etag .. " " .. state, "PX", lifetimeMs)
  elseif verdict >= 2 then
    if mark ~= noMark then
      redis.call("SETRANGE", key, markAt, mark)
    end
    redis.call("PEXPIRE", key, lifetimeMs)
  end
  if externalName ~= "" and verdict ~= 0 then
    redis.call("SADD", externalPrefix .. externalName, lane)
    redis.call("PEXPIRE", externalPrefix .. externalName, lifetimeMs)
  end
  verdicts[#verdicts + 1] = verdict
end
return verdicts
