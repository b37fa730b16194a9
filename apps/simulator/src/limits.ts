import { type Answer, refuse } from "./answer.ts";
import { createRateLimiter, type LimiterKind, type RateLimiter } from "./rate-limiter.ts";

/** How a 429 says when to come back: seconds, an HTTP date, or not at all. */
export type RetryAfterForm = "seconds" | "date" | "absent";

/** The limits in force; what `GET /_simulator/state` shows and `PUT /_simulator/limits` changes. */
export interface LimitSettings {
  readonly limiter: LimiterKind;
  /** Requests per second of one account. */
  readonly rate: number;
  /** A limit of their own for writes; null when they share `rate`. */
  readonly writeRate: number | null;
  readonly burst: number;
  readonly retryAfter: RetryAfterForm;
  readonly penaltyMs: number;
}

/** The limiters of all accounts. */
export interface LimitBook {
  readonly settings: LimitSettings;
  /** Changes some settings; every account starts with a full budget again. Throws RangeError. */
  change(changes: Partial<LimitSettings>): void;
  /** Counts a request. Returns the 429 when it is refused. */
  check(account: string, isWrite: boolean): Answer | undefined;
}

/** Limits per account ("limits are per partner tenant": API throttling guidance). */
export function createLimitBook(initial: LimitSettings, nowMs: () => number): LimitBook {
  let settings = checked(initial);
  const limiters = new Map<string, RateLimiter>();

  function limiterOf(account: string, isWrite: boolean): RateLimiter {
    const isSeparate = isWrite && settings.writeRate !== null;
    const key = `${isSeparate ? "writes" : "all"} ${account}`;
    let limiter = limiters.get(key);
    if (limiter === undefined) {
      const rate = isSeparate ? (settings.writeRate ?? settings.rate) : settings.rate;
      limiter = createRateLimiter({ ...settings, rate });
      limiters.set(key, limiter);
    }
    return limiter;
  }

  return {
    get settings() {
      return settings;
    },
    change(changes) {
      settings = checked({ ...settings, ...changes });
      limiters.clear();
    },
    check(account, isWrite) {
      if (settings.limiter === "none") return undefined;
      const verdict = limiterOf(account, isWrite)(nowMs());
      if (verdict.isAllowed) return undefined;
      return refuse(429, "Too many requests. Slow down and try again later.", {
        headers: retryAfterHeader(settings.retryAfter, verdict.retryAfterMs),
      });
    },
  };
}

/** The Retry-After header for a wait in ms, rounded up so that keeping to it is always enough. */
export function retryAfterHeader(form: RetryAfterForm, waitMs: number): Record<string, string> {
  switch (form) {
    case "seconds":
      return { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) };
    case "date":
      return {
        "retry-after": new Date(Math.ceil((Date.now() + waitMs) / 1000) * 1000).toUTCString(),
      };
    case "absent":
      return {};
  }
}

/** How long an answer's Retry-After asks to be left alone from now on, in ms; null without one. */
export function retryAfterMsOf({ headers }: Answer): number | null {
  const value = headers?.["retry-after"];
  if (value === undefined) return null;
  return /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
}

function checked(settings: LimitSettings): LimitSettings {
  const { rate, writeRate, burst, penaltyMs } = settings;
  if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError("rate must be more than 0");
  if (writeRate !== null && !(writeRate > 0 && Number.isFinite(writeRate))) {
    throw new RangeError("writeRate must be more than 0");
  }
  if (!(burst >= 1 && Number.isFinite(burst))) throw new RangeError("burst must be at least 1");
  if (!(penaltyMs >= 0)) throw new RangeError("penaltyMs must not be negative");
  return settings;
}
