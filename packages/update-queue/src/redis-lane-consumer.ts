import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { DueLanes } from "./due-lanes.ts";
import type { Lanes } from "./lanes.ts";
import { LANE_QUEUES, PRIORITIES, type RedisLaneJobs } from "./redis-lane-jobs.ts";
import { type JobEnd, RedisLaneWorker } from "./redis-lane-worker.ts";

/** ms until a lane whose job threw unexpectedly is tried again. */
const AFTER_ERROR_MS = 1_000;

/**
 * How a lane job ended: nothing left to do; the lane rests (or is another worker's) and is woken by itself,
 * in about `delayMs`; or the job is handed to another worker as it is.
 */
export type LaneJobEnd =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly delayMs: number }
  | { readonly kind: "handedBack" };

export type ProcessLaneJob = (referralId: string, stopping: AbortSignal) => Promise<LaneJobEnd>;

export interface ConsumeOptions {
  /** Lanes in flight, of each priority. */
  readonly concurrency: number;
  readonly process: ProcessLaneJob;
  /** Takes nothing before {@link LaneConsumer.resume}; default false. */
  readonly isPaused?: boolean;
}

export interface LaneConsumer {
  /** Takes no more jobs and wakes no resting lanes; running jobs go on. */
  pause(): void;
  /** With `most`, at most so many lanes of each priority at a time, until it is resumed without. */
  resume(most?: number): void;
  /** Takes no more jobs, tells running ones to stop, waits until all have ended. */
  close(): Promise<void>;
}

/** The consuming side: runs `process` for every woken lane, and wakes those whose rest is over. */
export function consumeLaneJobs(
  edges: {
    /** For jobs and for everything else. */
    jobsRedis: Redis;
    redis: Redis;
    keys: AccountKeys;
    jobs: RedisLaneJobs;
    lanes: Lanes;
    onError: (error: Error) => void;
  },
  options: ConsumeOptions,
): LaneConsumer {
  const { onError, lanes, keys } = edges;
  const stopping = new AbortController();
  const dueLanes = new DueLanes(edges, onError);
  const run = async (referralId: string): Promise<JobEnd> => {
    try {
      // BullMQ may give a closing worker once more what it just handed back.
      const end: LaneJobEnd = stopping.signal.aborted
        ? { kind: "handedBack" }
        : await options.process(referralId, stopping.signal);
      if (end.kind === "later") {
        dueLanes.lookIn(end.delayMs);
      }
      return end.kind === "handedBack" ? "handedBack" : "over";
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
      await lanes.rest(referralId, AFTER_ERROR_MS);
      dueLanes.lookIn(AFTER_ERROR_MS);
      return "over";
    }
  };
  const workers = PRIORITIES.map(
    (priority) =>
      new RedisLaneWorker(
        LANE_QUEUES[priority],
        { redis: edges.jobsRedis, keys, onError },
        { concurrency: options.concurrency, run },
      ),
  );
  const all = [dueLanes, ...workers];
  const resume = (most?: number): void => {
    if (!stopping.signal.aborted) {
      for (const part of all) part.go(most);
    }
  };
  if (options.isPaused !== true) {
    resume();
  }
  return {
    pause: () => {
      for (const part of all) part.hold();
    },
    resume,
    close: async () => {
      stopping.abort(new Error("the worker is stopping"));
      dueLanes.hold();
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}
