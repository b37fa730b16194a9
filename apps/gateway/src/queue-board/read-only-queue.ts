import { BaseAdapter } from "@bull-board/api/dist/queueAdapters/base.js";
import type {
  AppJobScheduler,
  JobCounts,
  JobStatus,
  QueueJob,
  QueueJobJson,
  QueueMetrics,
  Status,
} from "@bull-board/api/dist/types.js";
import {
  BOARD_JOB_STATES,
  type BoardJob,
  type BoardJobState,
  type BoardQueue,
} from "@patchlane/update-queue";

/** Thrown when the board is asked to change something; its routes for that are not served, so that nobody gets here. */
export class ReadOnlyBoardError extends Error {
  override readonly name = "ReadOnlyBoardError";
  /** Read by the board's own error handler. */
  readonly statusCode = 405;

  constructor() {
    super("The queues can only be looked at");
  }
}

const refuse = async (): Promise<never> => {
  throw new ReadOnlyBoardError();
};

/**
 * One queue as the board wants it. Not the board's own adapter for BullMQ, which hands out whole jobs and every verb there
 * is: what is behind this one has neither.
 */
export class ReadOnlyQueue extends BaseAdapter {
  readonly #queue: BoardQueue;

  constructor(queue: BoardQueue) {
    super("bullmq", { readOnlyMode: true, allowRetries: false, description: queue.description });
    this.#queue = queue;
  }

  getName(): string {
    return this.#queue.name;
  }

  getStatuses(): Status[] {
    return ["latest", ...BOARD_JOB_STATES] as Status[];
  }

  getJobStatuses(): JobStatus[] {
    return [...BOARD_JOB_STATES] as JobStatus[];
  }

  async getJobCounts(): Promise<JobCounts> {
    return (await this.#queue.counts()) as JobCounts;
  }

  async getJobs(statuses: readonly JobStatus[], start = 0, end = 9): Promise<QueueJob[]> {
    const states = BOARD_JOB_STATES.filter((state) =>
      (statuses as readonly string[]).includes(state),
    );
    return (await this.#queue.jobs(states as BoardJobState[], start, end)).map(asQueueJob);
  }

  async getJob(id: string): Promise<QueueJob | undefined> {
    const job = await this.#queue.job(id);
    return job === undefined ? undefined : asQueueJob(job);
  }

  isPaused(): Promise<boolean> {
    return this.#queue.isPaused();
  }

  async getJobLogs(): Promise<string[]> {
    return [];
  }

  async getMetrics(): Promise<QueueMetrics> {
    return { meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 };
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  async getJobSchedulers(): Promise<Omit<AppJobScheduler, "queueName">[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  async getGlobalConcurrency(): Promise<null> {
    return null;
  }

  readonly addJob = refuse;
  readonly clean = refuse;
  readonly empty = refuse;
  readonly obliterate = refuse;
  readonly pause = refuse;
  readonly promoteAll = refuse;
  readonly removeJobScheduler = refuse;
  readonly resume = refuse;
  readonly runJobSchedulerNow = refuse;
  readonly setGlobalConcurrency = refuse;
  readonly updateJobScheduler = refuse;
}

function asQueueJob(job: BoardJob): QueueJob {
  return {
    opts: {},
    toJSON: () => asJson(job),
    getState: async () => job.state as Status,
    promote: refuse,
    remove: refuse,
    retry: refuse,
  };
}

/** What the page is told of a job: everything that is not in {@link BoardJob} is a constant. */
function asJson(job: BoardJob): QueueJobJson {
  return {
    id: job.id,
    name: "lane",
    data: { referralId: job.referralId ?? "(not shown)" },
    timestamp: job.createdAt,
    ...(job.startedAt === undefined ? {} : { processedOn: job.startedAt }),
    attemptsMade: job.starts,
    ...(job.stalls === 0 ? {} : { stalledCounter: job.stalls }),
    progress: 0,
    failedReason: job.state === "failed" ? "The worker's log has the reason" : "",
    stacktrace: [],
    returnvalue: null,
    opts: {},
  };
}
