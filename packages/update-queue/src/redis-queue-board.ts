import { parseReferralId } from "@patchlane/referral-patch";
import type { Job, Queue } from "bullmq";
import {
  BOARD_JOB_STATES,
  type BoardJob,
  type BoardJobState,
  type BoardQueue,
  type QueueBoard,
} from "./queue-board.ts";
import { inTime, type LaneJobData, PRIORITIES } from "./redis-lane-jobs.ts";
import type { UpdatePriority } from "./referral-update.ts";

type LaneJobs = Queue<LaneJobData>;

const DESCRIPTIONS: Readonly<Record<UpdatePriority, string>> = {
  interactive:
    "Referrals with single updates to send. One job a referral; it leaves when it is over.",
  bulk: "Referrals with rows of bulk updates to send. One job a referral; it leaves when it is over.",
};

/** Jobs read at once, whatever is asked for. */
const MOST_JOBS = 100;

/** BullMQ's own ids. Anything else could name another of its keys. */
const JOB_ID = /^[1-9]\d{0,18}$/;

/** Looks at the lane queues. */
export function readQueueBoard(queues: Readonly<Record<UpdatePriority, LaneJobs>>): QueueBoard {
  return { queues: PRIORITIES.map((priority) => boardQueue(queues[priority], priority)) };
}

function boardQueue(queue: LaneJobs, priority: UpdatePriority): BoardQueue {
  return {
    name: queue.name,
    description: DESCRIPTIONS[priority],
    counts: async () => {
      const found = await inTime(queue.getJobCounts(...BOARD_JOB_STATES));
      return Object.fromEntries(
        BOARD_JOB_STATES.map((state) => [state, found[state] ?? 0]),
      ) as Record<BoardJobState, number>;
    },
    jobs: async (states, from, to) => {
      const last = Math.min(to, from + MOST_JOBS - 1);
      const found = await inTime(
        Promise.all(states.map((state) => queue.getJobs([state], from, last))),
      );
      return found.flatMap((jobs, at) =>
        // A job that ended meanwhile is undefined, whatever its type says.
        jobs.filter(Boolean).map((job) => shown(job, states[at] ?? "unknown")),
      );
    },
    job: async (id) => {
      if (!JOB_ID.test(id)) {
        return undefined;
      }
      const job = await inTime(queue.getJob(id));
      return job === undefined ? undefined : shown(job, stateOf(await inTime(job.getState())));
    },
    isPaused: () => inTime(queue.isPaused()),
  };
}

function stateOf(state: string): BoardJob["state"] {
  return BOARD_JOB_STATES.find((known) => known === state) ?? "unknown";
}

/** The allow-list: every member is a number, one of a few words, or of a shape in which nobody's name or address fits. */
function shown(job: Job<LaneJobData>, state: BoardJob["state"]): BoardJob {
  const parsed = parseReferralId(job.deduplicationId);
  return {
    id: JOB_ID.test(job.id ?? "") ? String(job.id) : "",
    state,
    referralId: parsed.ok ? parsed.id : undefined,
    createdAt: Number(job.timestamp) || 0,
    startedAt: Number(job.processedOn) || undefined,
    starts: Number(job.attemptsStarted) || 0,
    stalls: Number(job.stalledCounter) || 0,
  };
}
