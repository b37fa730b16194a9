import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asked before every step that can wait: resolves when the step may be made, with the signal of its calls; rejects with
 * {@link RunEndedError} when it shall not be made any more.
 */
export type Turn = () => Promise<AbortSignal>;

/** Thrown out of a run that is over, was cancelled, or is another process' by now: nothing of it is lost. */
export class RunEndedError extends Error {
  override readonly name = "RunEndedError";
}

/** Waits, but not beyond the end of the run. */
export async function pauseFor(ms: number, stopping: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: stopping, ref: false });
  } catch {
    throw new RunEndedError("the run ended");
  }
}

/** Lets other work of this process happen between two chunks. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
