/** States a lane job can be found in; a job leaves when it is over, so "completed" and "failed" stay empty. */
export const BOARD_JOB_STATES = ["active", "waiting", "delayed", "completed", "failed"] as const;
export type BoardJobState = (typeof BOARD_JOB_STATES)[number];

/**
 * What may be shown of a lane job: what stands here and nothing else. Whatever a job might hold besides (reasons, stack
 * traces, results, logs, options) is not read out.
 */
export interface BoardJob {
  readonly id: string;
  readonly state: BoardJobState | "unknown";
  /** The referral whose lane it wakes; undefined when it holds something that cannot be an id. */
  readonly referralId: string | undefined;
  /** Unix ms. */
  readonly createdAt: number;
  /** Unix ms of its latest start. */
  readonly startedAt: number | undefined;
  readonly starts: number;
  /** How often its worker was lost. */
  readonly stalls: number;
}

/** One queue of lane jobs, for looking at. */
export interface BoardQueue {
  readonly name: string;
  /** For people: whose lanes it wakes. */
  readonly description: string;
  counts(): Promise<Readonly<Record<BoardJobState, number>>>;
  /** Jobs in these states, of each the `from`th to the `to`th (from 0, both included). */
  jobs(states: readonly BoardJobState[], from: number, to: number): Promise<readonly BoardJob[]>;
  job(id: string): Promise<BoardJob | undefined>;
  isPaused(): Promise<boolean>;
}

/** The queues that wake lanes, for looking at: there is nothing here that changes one. Calls fail within 2 s without Redis. */
export interface QueueBoard {
  readonly queues: readonly BoardQueue[];
}
