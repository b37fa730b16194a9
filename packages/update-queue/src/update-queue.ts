import type { Redis } from "ioredis";
import { accountKeys } from "./account-keys.ts";
import type { BulkUpdates } from "./bulk-update.ts";
import type { BulkWork } from "./bulk-work.ts";
import type { Lanes } from "./lanes.ts";
import type { Meters } from "./meters.ts";
import { payloadCodec } from "./payload-codec.ts";
import type { QueueBoard } from "./queue-board.ts";
import { type QueueStatus, readQueueStatus } from "./queue-status.ts";
import { type AccountMetrics, readAccountMetrics } from "./read-account-metrics.ts";
import { RedisAccountStatus } from "./redis-account-status.ts";
import { RedisAuditTrail } from "./redis-audit-trail.ts";
import { RedisBulkUpdates } from "./redis-bulk-updates.ts";
import { RedisBulkWork } from "./redis-bulk-work.ts";
import { RedisCallbacks } from "./redis-callbacks.ts";
import { RedisClock } from "./redis-clock.ts";
import { closeRedis, connectRedis, untilConnected } from "./redis-connection.ts";
import { durabilityWarnings } from "./redis-durability.ts";
import { RedisKnownStates } from "./redis-known-states.ts";
import { type ConsumeOptions, consumeLaneJobs, type LaneConsumer } from "./redis-lane-consumer.ts";
import { RedisLaneJobs } from "./redis-lane-jobs.ts";
import { RedisLaneStore } from "./redis-lane-store.ts";
import { RedisMeters } from "./redis-meters.ts";
import { readQueueBoard } from "./redis-queue-board.ts";
import { type RateSettings, RedisRateBudget } from "./redis-rate-budget.ts";
import { RedisRefreshToken } from "./redis-refresh-token.ts";
import { RedisSurvey } from "./redis-survey.ts";
import { RedisUpdateEvents } from "./redis-update-events.ts";
import { RedisUpdateLedger } from "./redis-update-ledger.ts";
import { RedisWorkers, type Workers } from "./redis-workers.ts";
import type { UpdatePriority } from "./referral-update.ts";
import { wholeRetentionMs } from "./retention.ts";
import type { Survey } from "./survey.ts";
import { Sweep } from "./sweep.ts";

/** ms the key of a write check lives. */
const WRITE_PROBE_MS = 1_000;

export interface UpdateQueueOptions {
  readonly redisUrl: string;
  /** One partner tenant; default `default`. */
  readonly accountId?: string;
  readonly rate: RateSettings;
  /** AES-256 keys for payloads, the one in use first; none = stored as they are. */
  readonly ledgerKeys?: readonly Uint8Array[];
  /** ms final updates and audit entries stay readable; default 30 days. */
  readonly retentionMs?: number;
  /** Trouble that heals by itself (a lost connection) and everything else nobody waits for. */
  readonly onError: (error: Error) => void;
}

interface QueueParts {
  readonly ledger: RedisUpdateLedger;
  readonly audit: RedisAuditTrail;
  readonly known: RedisKnownStates;
  readonly budget: RedisRateBudget;
  readonly account: RedisAccountStatus;
  readonly refreshToken: RedisRefreshToken;
  /** Counts for the whole account; written about once a second, and when the queue is closed. */
  readonly meters: Meters;
  readonly workers: Workers;
  /** Rejects when Redis does not answer. */
  ping(): Promise<void>;
  /** Rejects when Redis does not take writes (away, out of memory, read-only). */
  checkWritable(): Promise<void>;
  durabilityWarnings(): Promise<string[]>;
  close(): Promise<void>;
}

/** The queue as a process sees it that has callers waiting: every call answers or fails within 2 s. */
export interface UpdateQueue extends QueueParts {
  readonly events: RedisUpdateEvents;
  readonly bulk: BulkUpdates;
  /** For the page that shows the lane queues. */
  readonly board: QueueBoard;
  /** Waits for the first connection, at most `timeoutMs`; until then every call fails at once. */
  untilConnected(timeoutMs: number): Promise<boolean>;
  /** Makes sure that a worker looks at the lane; default `interactive`. Throws when Redis does not answer. */
  wake(referralId: string, priority?: UpdatePriority): Promise<void>;
  status(): Promise<QueueStatus>;
  /** For /metrics. Throws when Redis does not answer. */
  metrics(): Promise<AccountMetrics>;
}

/** The queue as a worker sees it: calls wait until Redis is back. */
export interface LaneQueue extends QueueParts {
  readonly lanes: Lanes;
  readonly bulk: BulkWork;
  readonly callbacks: RedisCallbacks;
  readonly survey: Survey;
  consume(options: ConsumeOptions): LaneConsumer;
  /** Wakes stranded lanes now; answers how many. Runs by itself every few seconds. */
  sweep(): Promise<number>;
}

function buildParts(redis: Redis, options: UpdateQueueOptions) {
  const keys = accountKeys(options.accountId ?? "default");
  const codec = payloadCodec(options.ledgerKeys);
  const clock = new RedisClock();
  const retentionMs = wholeRetentionMs(options.retentionMs);
  const meters = new RedisMeters({ redis, keys });
  return {
    keys,
    codec,
    clock,
    retentionMs,
    ledger: new RedisUpdateLedger({ redis, keys, codec, clock, retentionMs }),
    audit: new RedisAuditTrail({ redis, keys, codec, clock, retentionMs }),
    known: new RedisKnownStates({ redis, keys, codec, retentionMs }),
    budget: new RedisRateBudget({ redis, keys, clock, meters }, options.rate),
    meters,
    workers: new RedisWorkers({ redis, keys }),
    account: new RedisAccountStatus(redis, keys),
    refreshToken: new RedisRefreshToken({ redis, keys, codec }),
    ping: async (): Promise<void> => {
      await redis.ping();
    },
    checkWritable: async (): Promise<void> => {
      await redis.set(keys.writeProbe, "1", "PX", WRITE_PROBE_MS);
    },
    durabilityWarnings: () => durabilityWarnings(redis),
  };
}

/** Opens the queue for accepting and reading updates. Returns at once; connects in the background. */
export function openUpdateQueue(options: UpdateQueueOptions): UpdateQueue {
  const redis = connectRedis(options.redisUrl, "fail-fast", options.onError);
  const subscriber = connectRedis(options.redisUrl, "subscriber", options.onError);
  const parts = buildParts(redis, options);
  const jobsRedis = connectRedis(options.redisUrl, "patient", options.onError);
  const jobs = new RedisLaneJobs(jobsRedis, parts.keys, options.onError);
  return {
    ...parts,
    events: new RedisUpdateEvents(subscriber, parts.keys),
    bulk: new RedisBulkUpdates({ redis, ...parts }),
    board: readQueueBoard(jobs.queues),
    untilConnected: (timeoutMs) => untilConnected(redis, timeoutMs),
    wake: (referralId, priority) => jobs.wake(referralId, priority),
    status: () => readQueueStatus({ redis, ...parts }),
    metrics: () => readAccountMetrics({ redis, ...parts }),
    close: async () => {
      await parts.meters.close();
      await jobs.close();
      await Promise.all([closeRedis(redis), closeRedis(jobsRedis), closeRedis(subscriber)]);
    },
  };
}

/** Opens the queue for draining it. Returns at once; connects in the background. */
export function openLaneQueue(options: UpdateQueueOptions): LaneQueue {
  const redis = connectRedis(options.redisUrl, "patient", options.onError);
  const jobsRedis = connectRedis(options.redisUrl, "subscriber", options.onError);
  const parts = buildParts(redis, options);
  const jobs = new RedisLaneJobs(redis, parts.keys, options.onError);
  const sweep = new Sweep({ redis, jobs, ...parts }, options.onError);
  const lanes = new RedisLaneStore({ redis, ...parts });
  const edges = { jobsRedis, redis, keys: parts.keys, jobs, lanes, onError: options.onError };
  return {
    ...parts,
    lanes,
    bulk: new RedisBulkWork({ redis, jobs, ...parts }),
    callbacks: new RedisCallbacks({ redis, ...parts }),
    survey: new RedisSurvey({ redis, ...parts }),
    consume: (how) => consumeLaneJobs(edges, how),
    sweep: () => sweep.run(),
    close: async () => {
      sweep.stop();
      await Promise.all([jobs.close(), parts.meters.close()]);
      await Promise.all([closeRedis(redis), closeRedis(jobsRedis)]);
    },
  };
}
