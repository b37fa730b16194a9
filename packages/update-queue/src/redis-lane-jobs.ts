import { DelayedError, type Job, Queue, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { FAIL_FAST_COMMAND_TIMEOUT_MS } from "./redis-connection.ts";

/*
 * BullMQ wakes lanes; it does not order or fence them (lanes do). A job holds nothing but the lane's
 * referral id. One job a lane is enough, so adds are deduplicated; keepLastIfActive keeps an add that
 * comes while the job runs and makes a new job of it afterwards. No job id: with one, or with plain
 * deduplication, an add during a job's last moments is dropped and its lane stranded.
 */

const QUEUE_NAME = "lanes";
/** A stalled job is run again for ever: failing one would strand its lane until the next sweep. */
const NEVER = 1_000_000_000;
/** ms after which a job whose worker gives no sign of life goes to another one. */
const LOCK_MS = 15_000;
/** ms between looks for such jobs. */
const STALLED_CHECK_MS = 5_000;
/** ms until a lane whose job threw unexpectedly, or a Redis that is away, is tried again. */
const AFTER_ERROR_MS = 1_000;

interface LaneJobData {
  readonly referralId: string;
}

export interface LaneJobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/** Thrown when Redis did not answer in time; what was asked may still happen, which does no harm. */
export class LaneJobsTimeoutError extends Error {
  override readonly name = "LaneJobsTimeoutError";
}

/** The producing side: wakes lanes. Its connection waits for Redis; its callers do so for a bounded time. */
export class RedisLaneJobs {
  readonly #redis: Redis;
  readonly #queue: Queue<LaneJobData>;

  /** `redis` must be patient: BullMQ keeps its first failure to connect for ever. */
  constructor(redis: Redis, keys: AccountKeys, onError: (error: Error) => void) {
    this.#redis = redis;
    this.#queue = new Queue<LaneJobData>(QUEUE_NAME, {
      connection: redis,
      prefix: keys.bullPrefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: NEVER },
    });
    this.#queue.on("error", onError);
  }

  /** Makes sure that a worker will look at the lane. */
  async wake(referralId: string): Promise<void> {
    await inTime(
      this.#queue.add(
        "lane",
        { referralId },
        { deduplication: { id: laneName(referralId), keepLastIfActive: true } },
      ),
    );
  }

  /** Wakes a lane that seems stranded; does nothing when its job is alive. */
  async wakeIfStranded(referralId: string): Promise<boolean> {
    const jobId = await this.#queue.getDeduplicationJobId(laneName(referralId));
    if (jobId !== null) {
      // Jobs are removed at their end, so one that is there is alive. (Asking BullMQ for its state searches
      // the whole wait list: a second of Redis for 500 lanes among 100,000.) A key whose job is gone is
      // recognised by BullMQ's add itself.
      if ((await this.#redis.exists(this.#queue.toKey(jobId))) === 1) {
        return false;
      }
    }
    await this.wake(referralId);
    return true;
  }

  async counts(): Promise<LaneJobCounts> {
    const counts = await inTime(
      this.#queue.getJobCounts("waiting", "prioritized", "active", "delayed"),
    );
    return {
      waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
      active: counts.active ?? 0,
      delayed: counts.delayed ?? 0,
    };
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LaneJobsTimeoutError("Redis did not answer in time")),
      FAIL_FAST_COMMAND_TIMEOUT_MS,
    );
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

/** How a lane job ended: nothing left to do, look again later, or handed to another worker. */
export type LaneJobEnd =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly delayMs: number }
  | { readonly kind: "handedBack" };

export type ProcessLaneJob = (referralId: string, stopping: AbortSignal) => Promise<LaneJobEnd>;

export interface LaneConsumer {
  /** Takes no more jobs, tells running ones to stop, waits until all have ended. */
  close(): Promise<void>;
}

/** The consuming side: runs `process` for every woken lane, `concurrency` at a time. */
export function consumeLaneJobs(options: {
  redis: Redis;
  keys: AccountKeys;
  concurrency: number;
  process: ProcessLaneJob;
  onError: (error: Error) => void;
}): LaneConsumer {
  const stopping = new AbortController();
  const worker = new Worker<LaneJobData>(
    QUEUE_NAME,
    (job, token) => runJob(job, token, options.process, stopping.signal, options.onError),
    {
      connection: options.redis,
      prefix: options.keys.bullPrefix,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: NEVER,
      runRetryDelay: AFTER_ERROR_MS,
    },
  );
  worker.on("error", options.onError);
  return {
    close: async () => {
      stopping.abort(new Error("the worker is stopping"));
      // Without Redis nothing can be handed over or settled; leases and locks run out by themselves.
      await worker.close(options.redis.status !== "ready");
    },
  };
}

async function runJob(
  job: Job<LaneJobData>,
  token: string | undefined,
  process: ProcessLaneJob,
  stopping: AbortSignal,
  onError: (error: Error) => void,
): Promise<void> {
  let end: LaneJobEnd;
  try {
    // BullMQ may give a closing worker once more what it just handed back.
    end = stopping.aborted ? { kind: "handedBack" } : await process(job.data.referralId, stopping);
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)));
    end = { kind: "later", delayMs: AFTER_ERROR_MS };
  }
  if (end.kind === "later") {
    await job.moveToDelayed(Date.now() + end.delayMs, token);
    throw new DelayedError();
  }
  if (end.kind === "handedBack") {
    await job.moveToWait(token);
    throw new WaitingError();
  }
}
