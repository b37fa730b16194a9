export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks until `isSo` holds or the time is up; answers whether it came to hold. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await isSo()) {
      return true;
    }
    if (performance.now() > deadline) {
      return false;
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

const LOOK_AGAIN_MS = 200;
