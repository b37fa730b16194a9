import type { Logger } from "pino";

/** ms between two tries while Redis is away. */
const ASK_AGAIN_MS = 1_000;

/** Says loudly what of Redis' settings breaks the promise of durability, as soon as Redis can be asked. */
export async function warnOfLossyRedis(
  queue: { durabilityWarnings(): Promise<string[]> },
  log: Logger,
): Promise<void> {
  for (;;) {
    try {
      for (const problem of await queue.durabilityWarnings()) {
        log.warn({ problem }, "ACCEPTED UPDATES CAN BE LOST");
      }
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS).unref());
    }
  }
}
