import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import type { RedisAuditTrail } from "./redis-audit-trail.ts";
import type { RedisLaneJobs } from "./redis-lane-jobs.ts";

/** ms between sweeps of one process. */
const SWEEP_EVERY_MS = 5_000;
/** ms a lane has been waiting before it can be called stranded. */
const STRANDED_AFTER_MS = 5_000;
/** Seconds a Redis that was just started is left alone: withdrawals of lost accepts come first. */
const YOUNG_REDIS_SECONDS = 5;
/** Lanes looked at in one sweep, the longest waiting first. */
const LANES_A_SWEEP = 2_000;
/** Of them asked about together: four thousand questions in one go would hold up every call of the process, and Redis. */
const LANES_AT_ONCE = 20;

/**
 * Has lanes woken that have pending updates and neither an owner, a job nor a rest: what a process leaves that
 * dies between the ledger and the wake-up. Runs in every worker; a short lock lets one of them at a time do it.
 * It puts them on the watch list, as due: who wakes resting lanes wakes them too, in the right queue. What the
 * audit trail has kept for long enough is dropped in the same rhythm.
 */
export class Sweep {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #jobs: RedisLaneJobs;
  readonly #audit: RedisAuditTrail;
  readonly #timer: NodeJS.Timeout;
  #offset = 0;

  constructor(
    edges: { redis: Redis; keys: AccountKeys; jobs: RedisLaneJobs; audit: RedisAuditTrail },
    onError: (error: Error) => void,
  ) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#jobs = edges.jobs;
    this.#audit = edges.audit;
    this.#timer = setInterval(() => this.run().catch(onError), SWEEP_EVERY_MS).unref();
  }

  /** One sweep; answers how many lanes are woken by it. */
  async run(): Promise<number> {
    const keys = this.#keys;
    const isMine = await this.#redis.set(keys.sweepLock, "1", "PX", SWEEP_EVERY_MS - 500, "NX");
    if (isMine === null || (await this.#redisIsYoung())) {
      return 0;
    }
    await this.#audit.trim();
    const [seconds] = await this.#redis.time();
    const nowMs = Number(seconds) * 1000;
    const lanes = await this.#redis.zrangebyscore(
      keys.lanesWaiting,
      "-inf",
      nowMs - STRANDED_AFTER_MS,
      "LIMIT",
      this.#offset,
      LANES_A_SWEEP,
    );
    this.#offset = lanes.length < LANES_A_SWEEP ? 0 : this.#offset + lanes.length;
    let woken = 0;
    for (let first = 0; first < lanes.length; first += LANES_AT_ONCE) {
      const some = lanes.slice(first, first + LANES_AT_ONCE);
      const watched = await Promise.all(some.map((referralId) => this.#watch(referralId, nowMs)));
      woken += watched.filter(Boolean).length;
    }
    return woken;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A lane that rests is woken by itself, also when nobody has noticed yet that it is due. */
  async #watch(referralId: string, nowMs: number): Promise<boolean> {
    const { lanesDue, lanesWatched, laneOwner } = this.#keys;
    const lane = laneName(referralId);
    const [owned, due] = await Promise.all([
      this.#redis.exists(laneOwner(referralId)),
      this.#redis.zscore(lanesDue, lane),
    ]);
    if (owned === 1 || due !== null || (await this.#jobs.hasJob(referralId))) {
      return false;
    }
    return (await this.#redis.zadd(lanesWatched, "NX", nowMs, lane)) > 0;
  }

  async #redisIsYoung(): Promise<boolean> {
    const info = await this.#redis.info("server");
    const uptime = /^uptime_in_seconds:(\d+)/m.exec(info)?.[1];
    return uptime !== undefined && Number(uptime) < YOUNG_REDIS_SECONDS;
  }
}
