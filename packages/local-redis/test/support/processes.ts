import { existsSync, readFileSync } from "node:fs";
import { vi } from "vitest";

/** A process that has ended and only waits to be noticed by its parent does not count. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}

/** Resolves when the process is gone; fails when it stays. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(
    () => {
      if (isRunning(pid)) throw new Error(`process ${pid} is still running`);
    },
    { timeout: 30_000, interval: 20 },
  );
}
