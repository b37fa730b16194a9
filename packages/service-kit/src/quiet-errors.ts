import type { Logger } from "pino";

/** ms between two log lines about the same trouble. */
const SAY_AGAIN_AFTER_MS = 5_000;

/** Logs trouble that heals by itself once in a while, not at every reconnect. */
export function logSometimes(log: Logger, message: string): (error: Error) => void {
  const saidAt = new Map<string, number>();
  return (error) => {
    const { code } = error as { code?: unknown };
    const kind = `${error.name} ${String(code)}`;
    const now = performance.now();
    if (now - (saidAt.get(kind) ?? Number.NEGATIVE_INFINITY) >= SAY_AGAIN_AFTER_MS) {
      saidAt.set(kind, now);
      log.warn({ error }, message);
    }
  };
}
