import { type ChildService, startChild } from "@patchlane/local-stack";
import type { Upstream } from "../upstream/start-upstream.ts";

/** Calls in flight in a process: the default of `WORKER_CONCURRENCY`, and everybody's. */
export const CONCURRENCY = 16;

export interface Site {
  readonly redisUrl: string;
  readonly upstream: Upstream;
}

export interface Started {
  readonly processes: readonly ChildService[];
  /** When they were told to begin, on the machine's monotonic clock. */
  readonly begunAt: number;
}

/** ms on the machine's monotonic clock, which the upstream's log uses too. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Starts processes side by side and waits until all are ready. */
export async function startAll(
  count: number,
  optionsOf: (index: number) => Parameters<typeof startChild>[0],
): Promise<ChildService[]> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) => startChild(optionsOf(index))),
  );
  return started.map(({ service }) => service);
}
