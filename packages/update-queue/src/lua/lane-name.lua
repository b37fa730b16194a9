-- Included where a script finds the lane of a referral by itself; the same as `laneName` in account-keys.ts.
local HEX4 = string.rep("%x", 4)
local GUID = "^" .. HEX4 .. HEX4 .. "%-" .. HEX4 .. "%-" .. HEX4 .. "%-" .. HEX4 .. "%-" .. HEX4 .. HEX4 .. HEX4 .. "$"
local function laneNameOf(referralId)
  return string.match(referralId, GUID) and string.lower(referralId) or referralId
end
