-- Included by the scripts that accept updates or make them final: counts it for /metrics, in the same step.
--
-- Fields of the metrics hash are named `what|label|label`; metrics-reader.ts reads them. What a script counts is gathered and
-- written once a field, by `writeTally`.
local LATENCY_BOUNDS_MS = {
  100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 900000, 3600000, 14400000, 86400000
}
local tallied = {}

local function tally(field, by)
  tallied[field] = (tallied[field] or 0) + by
end

-- An update became final. `code` is "" unless it FAILED. How long it took since it was accepted (or queued again) is counted with it,
-- in buckets of ms; "" when that says nothing: it was taken back, or failed as it came.
local function tallyEnd(state, code, priority, sinceMs, nowMs)
  local bucket = ""
  if sinceMs and state ~= "CANCELLED" then
    local tookMs = math.max(nowMs - tonumber(sinceMs), 0)
    bucket = "inf"
    for i = 1, #LATENCY_BOUNDS_MS do
      if tookMs <= LATENCY_BOUNDS_MS[i] then
        bucket = string.format("%.0f", LATENCY_BOUNDS_MS[i])
        break
      end
    end
    tally("tookMs|" .. (priority or "interactive"), tookMs)
  end
  tally("finished|" .. state .. "|" .. code .. "|" .. (priority or "interactive") .. "|" .. bucket, 1)
end

local function writeTally(metricsKey)
  for field, by in pairs(tallied) do
    redis.call("HINCRBY", metricsKey, field, string.format("%.0f", by))
  end
end
