export interface LimitOptions {
  /** `bucket`: refills evenly, holds `burst`; `window`: at most `ratePerSecond` in any second. */
  readonly kind: "none" | "bucket" | "window";
  readonly ratePerSecond: number;
  readonly burst: number;
  /** For so long after a refusal everything is refused, and `Retry-After` says so (whole seconds). */
  readonly penaltyMs: number;
}

/** At a moment in ms: undefined lets a call in, a number refuses it for so many ms. */
export type Limiter = (nowMs: number) => number | undefined;

export function limiterOf({ kind, ratePerSecond, burst, penaltyMs }: LimitOptions): Limiter {
  const isWithin = kind === "bucket" ? bucket(ratePerSecond, burst) : window(ratePerSecond);
  let refusedUntil = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    if (kind === "none") {
      return undefined;
    }
    if (nowMs < refusedUntil) {
      return refusedUntil - nowMs; // not prolonged: who keeps to what it was told is let in
    }
    if (isWithin(nowMs)) {
      return undefined;
    }
    refusedUntil = nowMs + penaltyMs;
    return penaltyMs;
  };
}

function bucket(ratePerSecond: number, burst: number): (nowMs: number) => boolean {
  let tokens = burst;
  let filledAt = 0;
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - filledAt) * ratePerSecond) / 1_000);
    filledAt = nowMs;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  };
}

function window(ratePerSecond: number): (nowMs: number) => boolean {
  const letIn: number[] = [];
  return (nowMs) => {
    while ((letIn[0] ?? Number.POSITIVE_INFINITY) <= nowMs - 1_000) {
      letIn.shift();
    }
    if (letIn.length >= ratePerSecond) {
      return false;
    }
    letIn.push(nowMs);
    return true;
  };
}
