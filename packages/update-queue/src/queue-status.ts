import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { RedisAccountStatus } from "./redis-account-status.ts";
import type { RedisRateBudget } from "./redis-rate-budget.ts";
import type { RedisUpdateLedger } from "./redis-update-ledger.ts";

/** The queue of one account at one moment. */
export interface QueueStatus {
  /** Updates accepted and not being sent. */
  readonly waiting: number;
  /** Updates being sent. */
  readonly active: number;
  /** Lanes that rest until their next try. */
  readonly delayed: number;
  /** Why nothing is sent for anybody; undefined when work goes on. */
  readonly pausedReason: string | undefined;
  readonly failuresInARow: number;
  /** Upstream calls per second in use. */
  readonly ratePerSecond: number;
  /** Unix ms until which the upstream asked to be left alone. */
  readonly throttledUntil: number | undefined;
  /** Age of the oldest update not yet final; 0 when there is none. */
  readonly oldestWaitingSeconds: number;
}

export async function readQueueStatus(edges: {
  redis: Redis;
  keys: AccountKeys;
  ledger: RedisUpdateLedger;
  budget: RedisRateBudget;
  account: RedisAccountStatus;
}): Promise<QueueStatus> {
  const { redis, keys } = edges;
  const [updates, resting, budget, account, oldest, time] = await Promise.all([
    edges.ledger.counts(),
    redis.zcard(keys.lanesDue),
    edges.budget.status(),
    edges.account.get(),
    redis.zrange(keys.lanesWaiting, "0", "0", "WITHSCORES"),
    redis.time(),
  ]);
  const nowSeconds = Number(time[0]);
  return {
    waiting: updates.QUEUED,
    active: updates.SENDING,
    delayed: resting,
    pausedReason: account.pausedReason,
    failuresInARow: account.failuresInARow,
    ratePerSecond: budget.ratePerSecond,
    throttledUntil: budget.closedUntil,
    oldestWaitingSeconds:
      oldest[1] === undefined ? 0 : Math.max(0, Math.floor(nowSeconds - Number(oldest[1]) / 1000)),
  };
}
