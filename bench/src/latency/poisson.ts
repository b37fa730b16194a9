import { setTimeout as sleep } from "node:timers/promises";
import { nowMs } from "./clock.ts";

/** When each of `count` arrivals of a Poisson process comes, in ms from its beginning; the same for the same seed. */
export function poissonArrivals(count: number, perSecond: number, seed: number): number[] {
  const random = randomOf(seed);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += (-Math.log(1 - random()) / perSecond) * 1_000;
    return at;
  });
}

/** Calls `send` at each moment, whatever became of the calls before; resolves when all have ended. */
export async function sendAt(
  arrivalsMs: readonly number[],
  send: (n: number) => Promise<void>,
): Promise<void> {
  const startedAt = nowMs();
  const underWay: Promise<void>[] = [];
  for (const [n, at] of arrivalsMs.entries()) {
    const waitMs = startedAt + at - nowMs();
    if (waitMs > 0) {
      await sleep(waitMs);
    }
    underWay.push(send(n));
  }
  await Promise.all(underWay);
}

/** Numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
