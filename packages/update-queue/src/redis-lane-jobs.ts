import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { FAIL_FAST_COMMAND_TIMEOUT_MS } from "./redis-connection.ts";
import type { UpdatePriority } from "./referral-update.ts";

/*
 * BullMQ wakes lanes; it does not order or fence them (lanes do), and it does not time them (lanes-due does).
 * A job holds nothing but its lane's name, which is its deduplication id: one job a lane is enough.
 * keepLastIfActive keeps an add that comes while the job runs and makes a new job of it afterwards. No job id:
 * with one, or with plain deduplication, an add during a job's last moments is dropped and its lane stranded.
 *
 * Interactive and bulk wake-ups are two queues with workers of their own, so that neither waits for the other's
 * places. A lane may wait in both: the second job finds it busy, resting or empty, and ends.
 */

/** The queue of each priority. */
export const LANE_QUEUES = { interactive: "lanes", bulk: "lanes-bulk" } as const;
/** Both, the more urgent one first. */
export const PRIORITIES: readonly UpdatePriority[] = ["interactive", "bulk"];
/** A stalled job is run again for ever: failing one would strand its lane until the next sweep. */
export const NEVER = 1_000_000_000;
/** Of what BullMQ tells about its jobs, which nobody here listens to. */
const EVENTS_KEPT = 0;

/** Nothing: its lane is the job's deduplication id. */
export type LaneJobData = Readonly<Record<string, never>>;

/** A lane that is to be woken. */
export interface LaneToWake {
  readonly referralId: string;
  readonly priority: UpdatePriority;
}

/** Thrown when Redis did not answer in time; what was asked may still happen, which does no harm. */
export class LaneJobsTimeoutError extends Error {
  override readonly name = "LaneJobsTimeoutError";
}

/** The producing side: wakes lanes. Its connection waits for Redis; its callers do so for a bounded time. */
export class RedisLaneJobs {
  readonly #redis: Redis;
  /** For looking at; this package only. */
  readonly queues: Readonly<Record<UpdatePriority, Queue<LaneJobData>>>;

  /** `redis` must be patient: BullMQ keeps its first failure to connect for ever. */
  constructor(redis: Redis, keys: AccountKeys, onError: (error: Error) => void) {
    const open = (priority: UpdatePriority): Queue<LaneJobData> => {
      const queue = new Queue<LaneJobData>(LANE_QUEUES[priority], {
        connection: redis,
        prefix: keys.bullPrefix,
        defaultJobOptions: { attempts: NEVER },
        streams: { events: { maxLen: EVENTS_KEPT } },
      });
      queue.on("error", onError);
      return queue;
    };
    this.#redis = redis;
    this.queues = { interactive: open("interactive"), bulk: open("bulk") };
  }

  /** Makes sure that a worker will look at the lane. Throws {@link LaneJobsTimeoutError}. */
  async wake(referralId: string, priority: UpdatePriority = "interactive"): Promise<void> {
    const { name, data, opts } = jobOf(referralId);
    await inTime(this.queues[priority].add(name, data, opts));
  }

  /** As {@link wake} for many, in as few round trips as there are priorities; waits until Redis is back. */
  async wakeAll(lanes: readonly LaneToWake[]): Promise<void> {
    await Promise.all(
      PRIORITIES.map(async (priority) => {
        const jobs = lanes.filter((lane) => lane.priority === priority);
        if (jobs.length > 0) {
          await this.queues[priority].addBulk(jobs.map(({ referralId }) => jobOf(referralId)));
        }
      }),
    );
  }

  /**
   * Whether a job of the lane is alive in either queue. Jobs are removed at their end, so one that is there is
   * alive. (Asking BullMQ for its state searches the whole wait list: a second of Redis for 500 lanes among
   * 100,000.) A deduplication key whose job is gone is recognised by BullMQ's add itself.
   */
  async hasJob(referralId: string): Promise<boolean> {
    const alive = await Promise.all(
      PRIORITIES.map(async (priority) => {
        const queue = this.queues[priority];
        const jobId = await queue.getDeduplicationJobId(laneName(referralId));
        return jobId !== null && (await this.#redis.exists(queue.toKey(jobId))) === 1;
      }),
    );
    return alive.includes(true);
  }

  async close(): Promise<void> {
    await Promise.all(PRIORITIES.map((priority) => this.queues[priority].close()));
  }
}

function jobOf(referralId: string) {
  const deduplication = { id: laneName(referralId), keepLastIfActive: true };
  return { name: "lane", data: {}, opts: { deduplication } };
}

/** The answer, or {@link LaneJobsTimeoutError}: BullMQ itself waits until Redis is back. */
export function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LaneJobsTimeoutError("Redis did not answer in time")),
      FAIL_FAST_COMMAND_TIMEOUT_MS,
    );
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}
