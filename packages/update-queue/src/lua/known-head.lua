-- Included by the scripts that remember states: the head of what is known of a referral.
local noMark = string.rep("-", 16)

-- nil when nothing is known; states of the form before have neither mark nor ETag in their head.
local function headOf(key)
  local text = redis.call("GETRANGE", key, 0, 319)
  if text == "" then
    return nil
  end
  local mark, updatedMs, etag = string.match(text, "^k2 (%S+) (%d*) (%S+) ")
  if mark then
    return { mark = mark, updatedMs = tonumber(updatedMs), etag = etag }
  end
  return { mark = noMark, updatedMs = tonumber(string.match(text, "^(%d+) ")) }
end
