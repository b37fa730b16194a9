import { setTimeout as delay } from "node:timers/promises";

/** ms before the second try, at most; doubles with every further one. */
const FIRST_MS = 500;
/** ms between two tries, at most. */
const MOST_MS = 10_000;
/** Share of the wait that is left to chance, so that callers a restart has cut off do not come back all at once. */
const JITTER = 0.5;

/** ms before try number `failures + 1`. `random` is 0 to 1. */
export function backOffMs(failures: number, random: number): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
  return most * (1 - JITTER * random);
}

/** Waits as {@link backOffMs} says, or as long as the other side asked for. Throws the signal's reason when aborted. */
export async function backOff(
  failures: number,
  askedMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ms = Math.max(backOffMs(failures, Math.random()), Math.min(askedMs ?? 0, MOST_MS));
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
