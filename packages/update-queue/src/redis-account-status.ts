import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";

/** What all processes of an account know about the upstream. */
export interface AccountStatus {
  /** Why nothing is sent at the moment (sign-in does not work); undefined when all is well. */
  readonly pausedReason: string | undefined;
  /** Failures of the upstream as a whole, one after the other, with no answer in between. */
  readonly failuresInARow: number;
  /** The upstream fails for everybody, not for one update. */
  readonly isDown: boolean;
}

/** Failures in a row after which the upstream counts as down for everybody, not for one update. */
export const DOWN_AFTER_FAILURES = 5;

/** ms after which an answer clears trouble that another process wrote down, and may not live to clear. */
const CLEAR_EVERY_MS = 1_000;

/** ms between two probes of an upstream that seems to be down, over all processes. */
const PROBE_EVERY_MS = 4_000;

export class RedisAccountStatus {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #probeKey: string;
  /** Spares a write per call while all is well. */
  #hasTrouble = true;
  /** Monotonic ms. */
  #clearedAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, keys: AccountKeys) {
    this.#redis = redis;
    this.#key = keys.accountStatus;
    this.#probeKey = keys.upstreamProbe;
  }

  async get(): Promise<AccountStatus> {
    const [pausedReason, failures] = await this.#redis.hmget(this.#key, "pausedReason", "failures");
    const failuresInARow = Number(failures ?? 0);
    this.#hasTrouble = failuresInARow > 0 || typeof pausedReason === "string";
    return {
      pausedReason: pausedReason ?? undefined,
      failuresInARow,
      isDown: failuresInARow >= DOWN_AFTER_FAILURES,
    };
  }

  /** The upstream answered somebody. */
  async answered(): Promise<void> {
    const now = performance.now();
    if (this.#hasTrouble || now - this.#clearedAt >= CLEAR_EVERY_MS) {
      this.#hasTrouble = false;
      this.#clearedAt = now;
      await this.#redis.del(this.#key);
    }
  }

  /**
   * The upstream failed; answers how often in a row that is. A failure that is everybody's by its nature (no
   * connection can be made) counts as {@link DOWN_AFTER_FAILURES} at once.
   */
  async failed(isForEverybody = false): Promise<number> {
    this.#hasTrouble = true;
    return await this.#redis.hincrby(
      this.#key,
      "failures",
      isForEverybody ? DOWN_AFTER_FAILURES : 1,
    );
  }

  /** Whether this process may try with one call if the upstream is down for everybody; one at a time may. */
  async mayProbe(): Promise<boolean> {
    return (await this.#redis.set(this.#probeKey, "1", "PX", PROBE_EVERY_MS, "NX")) !== null;
  }

  /** Sign-in does not work: nothing can be sent for anybody. */
  async paused(reason: string): Promise<void> {
    this.#hasTrouble = true;
    await this.#redis.hset(this.#key, "pausedReason", reason);
  }
}
