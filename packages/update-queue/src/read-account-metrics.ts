import type { Redis } from "ioredis";
import { type AccountCounts, decodeAccountCounts } from "./account-counts.ts";
import type { AccountKeys } from "./account-keys.ts";
import { type QueueStatus, readQueueStatus } from "./queue-status.ts";
import type { RedisAccountStatus } from "./redis-account-status.ts";
import type { RedisRateBudget } from "./redis-rate-budget.ts";
import type { RedisUpdateLedger } from "./redis-update-ledger.ts";
import type { Workers } from "./redis-workers.ts";

/** The account at one moment, and everything that was counted for it. */
export interface AccountMetrics extends AccountCounts {
  readonly status: QueueStatus;
  /** Upstream calls a second this process is configured to use, headroom taken off. */
  readonly configuredRatePerSecond: number;
  /** Upstream calls a second at which the upstream last refused; undefined when it never did. */
  readonly learnedRatePerSecond: number | undefined;
  /** ms until calls may be made again; 0 = they may. */
  readonly closedForMs: number;
  readonly isUpstreamDown: boolean;
  /** Lanes that workers are to see to; those of a bulk update come a few at a time. */
  readonly lanes: number;
  readonly workersAlive: number;
  readonly bulkUpdatesIngesting: number;
  /** Committed ones that are not over; paused ones too. */
  readonly bulkUpdatesRunning: number;
  readonly callbacksWaiting: number;
}

/** One look, the same effort however many updates there are. Throws when Redis does not answer. */
export async function readAccountMetrics(edges: {
  redis: Redis;
  keys: AccountKeys;
  ledger: RedisUpdateLedger;
  budget: RedisRateBudget;
  account: RedisAccountStatus;
  workers: Workers;
}): Promise<AccountMetrics> {
  const { redis, keys } = edges;
  const [stored, status, budget, account, learned, workers, ...counts] = await Promise.all([
    redis.hgetall(keys.metrics),
    readQueueStatus(edges),
    edges.budget.status(),
    edges.account.get(),
    redis.hget(keys.budget, "ceiling"),
    edges.workers.read(),
    redis.zcard(keys.lanesWaiting),
    redis.zcard(keys.bulksIngesting),
    redis.zcard(keys.bulksActive),
    redis.zcard(keys.callbacksDue),
  ]);
  const [lanes = 0, ingesting = 0, running = 0, callbacks = 0] = counts;
  return {
    ...decodeAccountCounts(stored),
    status,
    configuredRatePerSecond: edges.budget.configuredRatePerSecond,
    learnedRatePerSecond: learned === null ? undefined : Number(learned),
    closedForMs: budget.closedForMs,
    isUpstreamDown: account.isDown,
    lanes,
    workersAlive: workers.alive,
    bulkUpdatesIngesting: ingesting,
    bulkUpdatesRunning: running,
    callbacksWaiting: callbacks,
  };
}
