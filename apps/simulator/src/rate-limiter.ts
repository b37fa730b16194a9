/** How requests are counted. */
export type LimiterKind = "token-bucket" | "sliding-window" | "none";

/** The limit of one account. */
export interface RateLimit {
  readonly limiter: LimiterKind;
  /** Requests per second, more than 0. */
  readonly rate: number;
  /** Requests that may come at once (token bucket only), at least 1. */
  readonly burst: number;
  /** How long everything is refused after a refusal, in ms; 0 turns it off. */
  readonly penaltyMs: number;
}

/** Whether a request may pass; otherwise how long until the next one may, in ms. */
export type LimiterVerdict =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly retryAfterMs: number };

/** Decides about one request at a monotonic time in ms. */
export type RateLimiter = (nowMs: number) => LimiterVerdict;

const ALLOWED: LimiterVerdict = { isAllowed: true };
/** The window of the sliding window, unless the rate is below one request a second. */
const WINDOW_MS = 1000;
/** Rounding slack in tokens, so that a request exactly on time is not refused. */
const TOKEN_SLACK = 1e-9;

/**
 * A limiter with its own state. A refused request costs nothing, but opens the penalty: "further
 * requests inside the window are refused" (API throttling guidance). Refusals do not extend it.
 */
export function createRateLimiter(limit: RateLimit): RateLimiter {
  if (limit.limiter === "none") return () => ALLOWED;
  const waitFor = limit.limiter === "token-bucket" ? tokenBucket(limit) : slidingWindow(limit);
  let closedUntilMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    if (nowMs >= closedUntilMs) {
      const waitMs = waitFor(nowMs);
      if (waitMs === 0) return ALLOWED;
      closedUntilMs = nowMs + limit.penaltyMs;
      return { isAllowed: false, retryAfterMs: Math.max(waitMs, limit.penaltyMs) };
    }
    return { isAllowed: false, retryAfterMs: closedUntilMs - nowMs };
  };
}

/** Takes a token and returns 0, or returns the ms until there is one. */
function tokenBucket({ rate, burst }: RateLimit): (nowMs: number) => number {
  let tokens = burst;
  let filledAtMs: number | undefined;
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - (filledAtMs ?? nowMs)) * rate) / 1000);
    filledAtMs = nowMs;
    if (tokens >= 1 - TOKEN_SLACK) {
      tokens = Math.max(0, tokens - 1);
      return 0;
    }
    return ((1 - tokens) * 1000) / rate;
  };
}

/** Counts the accepted requests of the last second in a ring; same contract as the bucket. */
function slidingWindow({ rate }: RateLimit): (nowMs: number) => number {
  const size = Math.max(1, Math.floor(rate));
  const windowMs = Math.max(WINDOW_MS, WINDOW_MS / rate);
  const acceptedAtMs = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  let oldest = 0;
  return (nowMs) => {
    const freeAtMs = (acceptedAtMs[oldest] ?? Number.NEGATIVE_INFINITY) + windowMs;
    if (nowMs < freeAtMs) return freeAtMs - nowMs;
    acceptedAtMs[oldest] = nowMs;
    oldest = (oldest + 1) % size;
    return 0;
  };
}
