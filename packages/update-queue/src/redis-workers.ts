import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { atMost } from "./at-most.ts";
import { runScript } from "./redis-scripts.ts";

/** ms between two signs of life of a worker. */
const BEAT_EVERY_MS = 3_000;
/** ms without a sign of life after which a worker does not count as alive: three were missed. */
export const ALIVE_MS = 10_000;
/** ms a sign of life is remembered; longer than anybody's patience with missing workers. */
const SIGN_LIFE_MS = 120_000;
/** ms a clean stop waits until its farewell is written down. */
const FAREWELL_MS = 500;

/** What is known about the account's worker processes. */
export interface WorkerSigns {
  /** Processes with a sign of life in the last {@link ALIVE_MS}. */
  readonly alive: number;
  /** ms since the last sign of life of any of them; undefined when there was none for two minutes. */
  readonly lastSeenMsAgo: number | undefined;
}

/** A worker that is known to be there. */
export interface Announced {
  /** From here on it does not count as alive; never rejects. */
  stop(): Promise<void>;
}

/** Which workers are there: each says so every few seconds, for readiness and /metrics. Nothing else depends on it. */
export interface Workers {
  /** Says from now on that this process drains lanes. */
  announce(): Announced;
  /** Throws when Redis does not answer. */
  read(): Promise<WorkerSigns>;
}

/** See {@link Workers}. */
export class RedisWorkers implements Workers {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;

  constructor(edges: { redis: Redis; keys: AccountKeys }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
  }

  announce(): Announced {
    const token = randomUUID();
    const beat = (agoMs: number): Promise<unknown> =>
      runScript(
        this.#redis,
        "beatWorker",
        [this.#keys.workers],
        [token, agoMs, SIGN_LIFE_MS],
      ).catch(() => undefined); // Redis is away: so is everything else, and the next beat is not far
    let isStopped = false;
    let timer: NodeJS.Timeout | undefined;
    let last: Promise<unknown> = Promise.resolve();
    const goOn = (): void => {
      last = beat(0).then(() => {
        if (!isStopped && this.#redis.status !== "end") {
          timer = setTimeout(goOn, BEAT_EVERY_MS).unref(); // one at a time: an absent Redis gathers none
        }
      });
    };
    goOn();
    return {
      stop: async () => {
        isStopped = true;
        clearTimeout(timer);
        // A beat under way must not come after the farewell; neither is worth waiting for an absent Redis.
        await atMost(
          last.then(() => beat(ALIVE_MS)),
          FAREWELL_MS,
        );
      },
    };
  }

  async read(): Promise<WorkerSigns> {
    const [[seconds, micros], signs] = await Promise.all([
      this.#redis.time(),
      this.#redis.zrange(this.#keys.workers, "0", "-1", "WITHSCORES"),
    ]);
    const nowMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
    const agoMs = signs
      .filter((_sign, index) => index % 2 === 1)
      .map((at) => Math.max(nowMs - Number(at), 0));
    return {
      alive: agoMs.filter((ms) => ms < ALIVE_MS).length,
      lastSeenMsAgo: agoMs.length === 0 ? undefined : Math.min(...agoMs),
    };
  }
}
