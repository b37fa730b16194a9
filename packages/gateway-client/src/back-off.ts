/** ms before the second try, at most; doubles with every further one. */
const FIRST_MS = 500;
/** ms between two tries, at most, unless the gateway asks for more. */
const MOST_MS = 10_000;
/** ms that are waited at most when the gateway asks for it. */
const MOST_ASKED_MS = 300_000;
/** Share of the wait that is left to chance, so that callers a restart has cut off do not come back all at once. */
const JITTER = 0.5;

/** ms before try number `failures + 1`. `random` is 0 to 1. */
export function backOffMs(failures: number, random: number): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
  return most * (1 - JITTER * random);
}

/** Waits as {@link backOffMs} says, or as long as the other side asked for. Throws the signal's reason when aborted. */
export function backOff(
  failures: number,
  askedMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ms = Math.max(backOffMs(failures, Math.random()), Math.min(askedMs ?? 0, MOST_ASKED_MS));
  return pause(ms, signal);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
