/** First back-off (ms); doubles with every further failure. */
const BASE_MS = 400;
/** Longest back-off for one update (ms). */
const CAP_MS = 30_000;
/** Longest back-off while the upstream is down for everybody (ms): its return should be noticed soon. */
const DOWN_CAP_MS = 5_000;
/** Longest wait before reading again after somebody else wrote first (ms). */
const REBASE_CAP_MS = 2_000;
const REBASE_BASE_MS = 20;

/**
 * Failures of one update, with the upstream well otherwise, after which it is given up: with the back-off
 * above, after about a minute and a half.
 */
export const MOST_TROUBLES = 12;
/** Failures in a row after which updates that share a PATCH are split: one of them may be why. */
export const SPLIT_AFTER_TROUBLES = 3;
/** Times somebody else may write first before an update is given up as CONFLICT. */
export const MOST_REBASES = 12;
/** ms until sign-in is tried again while it does not work. */
export const SIGN_IN_RETRY_MS = 3_000;

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

/** Wait (ms) after the `nth` failure since the upstream counts as down for everybody. */
export function downBackOffMs(nth: number, random: () => number): number {
  return fullJitter(BASE_MS, DOWN_CAP_MS, nth, random);
}

/** Wait (ms) before the `nth` rebase. */
export function rebaseDelayMs(nth: number, random: () => number): number {
  return fullJitter(REBASE_BASE_MS, REBASE_CAP_MS, nth, random);
}
