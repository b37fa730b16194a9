import { type Job, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { type LaneJobData, NEVER } from "./redis-lane-jobs.ts";

/** ms after which a job whose worker gives no sign of life goes to another one. */
const LOCK_MS = 15_000;
/** ms between two signs of life; three chances. */
const RENEW_EVERY_MS = LOCK_MS / 3;
/** ms between looks for such jobs. */
const STALLED_CHECK_MS = 5_000;
/** ms until a Redis that is away is tried again. */
const AFTER_ERROR_MS = 1_000;

/** What becomes of a lane job after it ran: it is over, or it goes back to the head of its queue. */
export type JobEnd = "over" | "handedBack";

/**
 * A BullMQ worker of one lane queue that can be held. BullMQ's own renewal of locks compares wall-clock times
 * (after a step back it renews nothing), so locks are renewed here.
 */
export class RedisLaneWorker {
  readonly #worker: Worker<LaneJobData>;
  readonly #redis: Redis;
  readonly #running = new Map<string, string>();
  readonly #renewals: NodeJS.Timeout;
  readonly #concurrency: number;
  #isClosing = false;

  constructor(
    queueName: string,
    edges: { redis: Redis; keys: AccountKeys; onError: (error: Error) => void },
    options: { concurrency: number; run: (referralId: string) => Promise<JobEnd> },
  ) {
    this.#redis = edges.redis;
    this.#concurrency = options.concurrency;
    this.#worker = new Worker<LaneJobData>(
      queueName,
      (job, token) => this.#run(job, token ?? "", options.run),
      {
        connection: edges.redis,
        prefix: edges.keys.bullPrefix,
        concurrency: options.concurrency,
        autorun: false,
        lockDuration: LOCK_MS,
        skipLockRenewal: true,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: NEVER,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
        runRetryDelay: AFTER_ERROR_MS,
      },
    );
    this.#worker.on("error", edges.onError);
    this.#renewals = setInterval(() => {
      this.#renew().catch(edges.onError);
    }, RENEW_EVERY_MS).unref();
  }

  /** Takes no more jobs; one that is being fetched right now may still come. Running ones go on. */
  hold(): void {
    void this.#worker.pause(true);
  }

  /** Takes jobs (again), at most `most` at a time, or as many as it was made for. */
  go(most = this.#concurrency): void {
    this.#worker.concurrency = Math.min(most, this.#concurrency);
    void this.#worker.pause(true); // resuming is what makes a waiting loop look at its places again
    void this.#worker.resume();
    // BullMQ's loop may just be ending, and then hears of nothing; asked again it starts a new one.
    setImmediate(() => {
      if (!this.#isClosing && !this.#worker.isPaused()) {
        void this.#worker.resume();
      }
    });
  }

  /** Waits until the running jobs have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    // Without Redis nothing can be handed over or settled; leases and locks run out by themselves.
    await this.#worker.close(this.#redis.status !== "ready");
    clearInterval(this.#renewals);
  }

  async #run(
    job: Job<LaneJobData>,
    token: string,
    run: (referralId: string) => Promise<JobEnd>,
  ): Promise<void> {
    const id = job.id ?? "";
    this.#running.set(id, token);
    try {
      if ((await run(job.deduplicationId ?? "")) === "handedBack") {
        await job.moveToWait(token);
        throw new WaitingError();
      }
    } finally {
      this.#running.delete(id);
    }
  }

  async #renew(): Promise<void> {
    if (this.#running.size > 0 && this.#redis.status === "ready") {
      const ids = [...this.#running.keys()];
      const tokens = [...this.#running.values()];
      // Ids that are not ours any more come back; their lanes' leases say the same.
      await this.#worker.extendJobLocks(ids, tokens, LOCK_MS);
    }
  }
}
