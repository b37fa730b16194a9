import { randomBytes } from "node:crypto";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import {
  type AccessTokenProvider,
  createPartnerCenterClient,
  fixedToken,
  type PartnerCenterClient,
} from "@patchlane/partner-center";
import type { PatchOperation, ReferralChanges } from "@patchlane/referral-patch";
import type { Service } from "@patchlane/service-kit";
import {
  EXAMPLE_REFERRAL_ID,
  type LoggedRequest,
  type Simulator,
  startSimulator,
} from "@patchlane/simulator";
import {
  type LaneJobEnd,
  type LaneQueue,
  type Lanes,
  openLaneQueue,
  openUpdateQueue,
  type ReferralUpdate,
  type UpdatePriority,
  type UpdateQueue,
} from "@patchlane/update-queue";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { WorkerSettings } from "../../src/env.ts";
import { type LaneEdges, processLane } from "../../src/index.ts";
import { startWorker } from "../../src/start-worker.ts";

export const REFERRAL = EXAMPLE_REFERRAL_ID;
/** For what is only a matter of a few round trips; far more than they take. */
export const SOON = { timeout: 30_000, interval: 5 };
/** Jobs after which a lane that should have come to rest counts as going round in circles. */
const MOST_JOBS = 60;

/** What a test may say about an update. */
export interface Submission {
  readonly referralId?: string;
  readonly ifMatch?: string;
  readonly priority?: UpdatePriority;
}

/** An upstream, an account with its queues, and a worker's edges: everything but BullMQ. */
export interface Rig {
  readonly simulator: Simulator;
  readonly queue: UpdateQueue;
  readonly worker: LaneQueue;
  readonly edges: LaneEdges;
  /** The same with lanes that do not rest, so that jobs can be run without the waits between them. */
  readonly restless: LaneEdges;
  /** Accepts changes, or a raw patch; nobody is woken. */
  submit(wanted: ReferralChanges | readonly PatchOperation[], more?: Submission): Promise<string>;
  /** One lane job. */
  run(referralId?: string, stopping?: AbortSignal): Promise<LaneJobEnd>;
  /** Lane jobs until nothing is left to do, without the waits between them; answers those waits. */
  drain(referralId?: string): Promise<number[]>;
  update(id: string): Promise<ReferralUpdate>;
  /** `METHOD status` of every upstream call so far, in order; `cut` for those without an answer. */
  calls(): string[];
  requests(): LoggedRequest[];
  /** The referral as it is upstream. */
  truth(referralId?: string): Record<string, unknown>;
  /** A further worker of the same account. */
  another(): { worker: LaneQueue; edges: LaneEdges };
  /** A whole worker process' inside, breaker included. */
  start(options?: {
    gatherMs?: number;
    onClaimed?: () => void;
    settings?: Partial<WorkerSettings>;
  }): Service;
}

/** Starts a Redis for this file; what a test opens is closed after it. */
export function rigs(): (options?: {
  tokens?: (url: Simulator) => AccessTokenProvider;
  /** Default so long that a stalled machine does not look like an upstream that does not answer. */
  timeoutMs?: number;
  /** The upstream answers a request id that it knows from memory. */
  honourRequestId?: boolean;
  referrals?: number;
  /** Calls a second; default more than any test makes. */
  ratePerSecond?: number;
}) => Promise<Rig> {
  let redis: LocalRedis;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    redis = await startLocalRedis({ durable: false });
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });
  afterAll(() => redis?.stop());

  return async (options = {}) => {
    const simulator = await startSimulator({
      limiter: "none",
      referrals: options.referrals ?? 5,
      honourRequestId: options.honourRequestId ?? false,
    });
    closers.push(() => simulator.close());
    const settings = {
      redisUrl: redis.url,
      accountId: `test-${randomBytes(6).toString("hex")}`,
      rate: {
        ratePerSecond: options.ratePerSecond ?? 2_000,
        burst: options.ratePerSecond === undefined ? 500 : 1,
      },
      onError: () => {},
    };
    const queue = openUpdateQueue(settings);
    closers.push(() => queue.close());
    await expect.poll(() => queue.ping().then(() => "up", String), SOON).toBe("up");
    const tokens = options.tokens?.(simulator) ?? fixedToken("simulator-token");
    const another = (): { worker: LaneQueue; edges: LaneEdges } => {
      const worker = openLaneQueue(settings);
      closers.push(() => worker.close());
      const client = createPartnerCenterClient({
        baseUrl: simulator.url,
        timeoutMs: options.timeoutMs ?? 20_000,
        budget: worker.budget,
        tokens,
      });
      closers.push(() => client.close());
      return { worker, edges: edgesOf(worker, client, tokens) };
    };
    const start: Rig["start"] = ({ gatherMs = 0, onClaimed, settings: more } = {}) => {
      const given = {
        PARTNER_CENTER_URL: simulator.url,
        PARTNER_CENTER_TIMEOUT_MS: options.timeoutMs ?? 20_000,
        WORKER_CONCURRENCY: 4,
        WORKER_GATHER_MS: gatherMs,
        ...more,
      } as WorkerSettings;
      const log = pino({ level: "silent" });
      const { stop } = startWorker(
        given,
        tellingOf(openLaneQueue(settings), onClaimed),
        tokens,
        log,
      );
      let stopped: Promise<void> | undefined;
      const stopOnce = (): Promise<void> => {
        stopped ??= stop();
        return stopped;
      };
      closers.push(stopOnce);
      return { stop: stopOnce };
    };
    const { worker, edges } = another();
    return { ...rigOf(simulator, queue, worker, edges, another), start };
  };
}

/** The queue as it is, with somebody told whenever a lane was claimed through it. */
function tellingOf(queue: LaneQueue, onClaimed: () => void = () => {}): LaneQueue {
  const claim: LaneQueue["lanes"]["claim"] = async (referralId) => {
    const result = await queue.lanes.claim(referralId);
    if (result.kind === "claimed") {
      onClaimed();
    }
    return result;
  };
  return { ...queue, lanes: { claim, rest: (...rest) => queue.lanes.rest(...rest) } };
}

function edgesOf(
  worker: LaneQueue,
  client: PartnerCenterClient,
  tokens: AccessTokenProvider,
): LaneEdges {
  const { lanes, known, account, meters } = worker;
  const log = { info: () => {}, warn: () => {} };
  return {
    lanes,
    known,
    account,
    client,
    tokens,
    log,
    meters,
    noteCalls: (bulkUpdateIds, calls) => worker.bulk.noteCalls(bulkUpdateIds, calls),
    gatherMs: 0,
    now: Date.now,
    random: () => 0.5,
  };
}

function rigOf(
  simulator: Simulator,
  queue: UpdateQueue,
  worker: LaneQueue,
  edges: LaneEdges,
  another: Rig["another"],
): Omit<Rig, "start"> {
  const restless = { ...edges, lanes: withoutRest(edges.lanes) };
  const run: Rig["run"] = (referralId = REFERRAL, stopping = new AbortController().signal) =>
    processLane(restless, referralId, stopping);
  const requests = (): LoggedRequest[] => simulator.control.requests();
  return {
    simulator,
    queue,
    worker,
    edges,
    restless,
    another,
    run,
    requests,
    submit: async (wanted, { referralId = REFERRAL, ifMatch, priority } = {}) => {
      const intent = Array.isArray(wanted)
        ? { patch: wanted as readonly PatchOperation[] }
        : { changes: wanted as ReferralChanges };
      const result = await queue.ledger.accept({
        referralId,
        intent,
        patch: intent.patch ?? [],
        submittedBy: "tests",
        ...(priority === undefined ? {} : { priority }),
        ...(ifMatch === undefined ? {} : { ifMatch }),
      });
      if (!result.ok) {
        throw new Error("not accepted");
      }
      return result.id;
    },
    drain: async (referralId = REFERRAL) => {
      const waits: number[] = [];
      for (let jobs = 0; jobs < MOST_JOBS; jobs += 1) {
        const end = await run(referralId);
        if (end.kind === "done") {
          return waits;
        }
        waits.push(end.kind === "later" ? end.delayMs : 0);
      }
      throw new Error(`not at rest after ${MOST_JOBS} jobs`);
    },
    update: async (id) => {
      const update = await queue.ledger.get(id);
      if (update === undefined) {
        throw new Error(`no update ${id}`);
      }
      return update;
    },
    calls: () => requests().map(({ method, status, outcome }) => `${method} ${status ?? outcome}`),
    truth: (referralId = REFERRAL) => {
      const document = simulator.control.referral(referralId);
      if (document === undefined) {
        throw new Error(`no referral ${referralId}`);
      }
      return document;
    },
  };
}

function withoutRest(lanes: Lanes): Lanes {
  return {
    rest: async () => {},
    claim: async (referralId) => {
      const claim = await lanes.claim(referralId);
      if (claim.kind === "claimed") {
        const { lease } = claim;
        const handBack = lease.handBack.bind(lease);
        lease.handBack = () => handBack();
      }
      return claim;
    },
  };
}

/** The notes of a referral. */
export function notesOf(document: Record<string, unknown>): unknown {
  return (document.details as Record<string, unknown>).notes;
}

/** How often somebody is in the team. */
export function timesInTeam(document: Record<string, unknown>, email: string): number {
  return (document.team as { email: string }[]).filter((member) => member.email === email).length;
}

export const JANE = {
  email: "jane.doe@contoso.example",
  firstName: "Jane",
  lastName: "Doe",
  phoneNumber: "0000000001",
};

/** Changes that set the notes. */
export function notes(text: string): ReferralChanges {
  return { details: { notes: text } };
}
