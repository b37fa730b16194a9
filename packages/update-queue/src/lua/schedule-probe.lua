-- Included by scripts that write trouble of the whole account down.
-- Says when the next probe may be made, by one process for all: later with every probe since a write was
-- last taken. `jitter` (0 to 1) scales the wait.
local function scheduleProbe(statusKey, probeKey, firstMs, capMs, jitter, isAnew)
  local nth = tonumber(redis.call("HGET", statusKey, "probes") or 0)
  local waitMs = math.ceil(math.min(capMs, firstMs * 2 ^ math.min(nth, 20)) * jitter)
  if isAnew or redis.call("EXISTS", probeKey) == 0 then
    redis.call("SET", probeKey, "1", "PX", math.max(waitMs, 1))
    redis.call("HINCRBY", statusKey, "probes", 1)
  end
end
