/** Share of the configured rate the budget uses, as it says itself in docs/settings.md. */
const USED_SHARE = 0.95;

/**
 * How long (ms) each call has to wait for the rate alone: what remains when everything else takes no time and calls leave evenly
 * spaced, in the order in which they were sent (`sentAt` ascending), no two at once.
 */
export function ownWaits(sentAt: readonly number[], ratePerSecond: number): number[] {
  const spacingMs = 1_000 / (ratePerSecond * USED_SHARE);
  let freeAt = Number.NEGATIVE_INFINITY;
  return sentAt.map((at) => {
    const leavesAt = Math.max(at, freeAt);
    freeAt = leavesAt + spacingMs;
    return leavesAt - at;
  });
}
