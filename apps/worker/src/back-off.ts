/** First back-off (ms); doubles with every further failure. */
const BASE_MS = 400;
/** Longest back-off for one update (ms). */
const CAP_MS = 30_000;
/** Longest rest while the whole account is in trouble (ms): nothing is taken before it is over anyway. */
const ACCOUNT_REST_MS = 1_000;
/** Longest rest after a failure that is not (yet) held against the update (ms). */
const UNCERTAIN_REST_MS = 5_000;
/** Longest wait before reading again after somebody else wrote first (ms). */
const REBASE_CAP_MS = 2_000;
const REBASE_BASE_MS = 20;

/**
 * Failures held against one update after which it is given up: with the back-off above after about a minute
 * and a half, on an account without other writes after two to three.
 */
export const MOST_TROUBLES = 12;
/** Failures in a row after which updates that share a PATCH are split: one of them may be why. */
export const SPLIT_AFTER_TROUBLES = 3;
/** Times somebody else may write first before an update is given up as CONFLICT. */
export const MOST_REBASES = 12;

/** Exponential with full jitter: between 1 ms and the whole step, so that lanes do not return in step. */
function fullJitter(baseMs: number, capMs: number, nth: number, random: () => number): number {
  return (
    1 + Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(Math.max(nth - 1, 0), 20)))
  );
}

/** Wait (ms) after the `nth` failure (1-based) of one update. */
export function backOffMs(nth: number, random: () => number): number {
  return fullJitter(BASE_MS, CAP_MS, nth, random);
}

/** Rest (ms) while the whole account is in trouble. */
export function accountRestMs(random: () => number): number {
  return fullJitter(ACCOUNT_REST_MS, ACCOUNT_REST_MS, 1, random);
}

/** Rest (ms) after a failure of which nobody can tell yet whose it is. */
export function uncertainRestMs(random: () => number): number {
  return fullJitter(UNCERTAIN_REST_MS, UNCERTAIN_REST_MS, 1, random);
}

/** Wait (ms) before the `nth` rebase. */
export function rebaseDelayMs(nth: number, random: () => number): number {
  return fullJitter(REBASE_BASE_MS, REBASE_CAP_MS, nth, random);
}
