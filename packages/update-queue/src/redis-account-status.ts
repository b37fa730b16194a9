import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { runScript } from "./redis-scripts.ts";

/*
 * What all processes of an account know about the upstream.
 *
 *   well     nobody stops.
 *   down     entered after DOWN_AFTER_FAILURES failures in a row, at once when no connection can be made, and with
 *            the first failure while unproven.
 *   paused   entered when sign-in does not work.
 *   unproven the upstream answers again, but nobody's write was taken yet.
 *
 * Down and paused are left when the upstream answers anybody, a probe first of all (one process at a time makes
 * one), for well or unproven; a probe also turns one into the other. Unproven is left when a write is taken or
 * refused. Nobody confirming them, all of them are forgotten after a minute.
 */

/** What all processes of an account know about the upstream. */
export interface AccountStatus {
  /** Why nothing is sent at the moment (sign-in does not work); undefined when all is well. */
  readonly pausedReason: string | undefined;
  /** Failures of the upstream as a whole, one after the other, with no answer in between. */
  readonly failuresInARow: number;
  /** The upstream fails for everybody, not for one update. */
  readonly isDown: boolean;
  /** After trouble: no write of anybody was taken since. */
  readonly isUnproven: boolean;
}

/** A failure of the upstream. */
export interface UpstreamTrouble {
  /** Everybody's by its nature (no connection can be made): the upstream is down at once. */
  readonly isForEverybody?: boolean;
  /** Whose update met it. */
  readonly referralId?: string;
}

export interface TroubleVerdict {
  readonly failuresInARow: number;
  /** To be counted against the update that met it. */
  readonly isHeldAgainstUpdate: boolean;
}

/** Leave to try whether the upstream is well again. Ends with one of its methods. */
export interface Probe {
  /** The upstream answered: all is well for everybody. */
  answered(): Promise<void>;
  /** It failed, or sign-in did; `unclear` when neither can be said. */
  failed(found: "down" | "unclear" | { readonly pausedReason: string }): Promise<void>;
  /** Leaves it to another process, at once. */
  abandon(): Promise<void>;
}

/** Failures in a row after which the upstream counts as down for everybody, not for one update. */
export const DOWN_AFTER_FAILURES = 5;

/** ms after which an answer clears trouble that another process wrote down, and may not live to clear. */
const CLEAR_EVERY_MS = 1_000;
/** ms trouble is believed in that nobody meets any more. */
const TROUBLE_LIFE_MS = 60_000;
/** ms a probe belongs to a process without a sign of life. */
const PROBE_LEASE_MS = 5_000;
const PROBE_RENEW_MS = 1_500;
/** ms until the first probe and between later ones, which doubles up to the longest. */
const DOWN_PROBE_MS = { first: 1_000, longest: 5_000 };
/** An identity provider is asked less often. */
const PAUSED_PROBE_MS = { first: 3_000, longest: 15_000 };
/**
 * Least ms between two failures held against an update while no write of anybody was taken in between: with the
 * worker's limit of twelve, one that alone fails ends after two to three minutes; several end after six, which
 * an outage of writes alone may last.
 */
const HELD_ALONE_EVERY_MS = 10_000;
const HELD_TOGETHER_EVERY_MS = 30_000;

export class RedisAccountStatus {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #listeners = new Set<() => void>();
  /** Spares a write per call while all is well. */
  #hasTrouble = true;
  /** Monotonic ms. */
  readonly #clearedAt = { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY };

  constructor(redis: Redis, keys: AccountKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Calls `listener` whenever this process itself changed the status; answers how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async get(): Promise<AccountStatus> {
    const [pausedReason, failures, probes] = await this.#redis.hmget(
      this.#keys.accountStatus,
      "pausedReason",
      "failures",
      "probes",
    );
    const failuresInARow = Number(failures ?? 0);
    const isUnproven = Number(probes ?? 0) > 0;
    this.#hasTrouble = isUnproven || failuresInARow > 0 || typeof pausedReason === "string";
    return {
      pausedReason: pausedReason ?? undefined,
      failuresInARow,
      isDown: failuresInARow >= DOWN_AFTER_FAILURES,
      isUnproven,
    };
  }

  /** The upstream answered somebody; that it took (or refused) a write says more than that it can be read. */
  async answered(call: "read" | "write" = "read"): Promise<void> {
    const now = performance.now();
    if (!this.#hasTrouble && now - this.#clearedAt[call] < CLEAR_EVERY_MS) {
      return;
    }
    const hadTrouble = this.#hasTrouble;
    this.#hasTrouble = false;
    this.#clearedAt[call] = now;
    const { accountStatus, upstreamProbe, failingLanes } = this.#keys;
    await (call === "write"
      ? this.#redis.del(accountStatus, upstreamProbe, failingLanes)
      : Promise.all([
          this.#redis.hdel(accountStatus, "failures", "pausedReason"),
          this.#redis.del(upstreamProbe),
        ]));
    if (hadTrouble) {
      this.#changed();
    }
  }

  /** The upstream failed, and it is not about one referral by its nature. */
  async failed(trouble: UpstreamTrouble = {}): Promise<TroubleVerdict> {
    this.#hasTrouble = true;
    const { accountStatus, upstreamProbe, failingLanes } = this.#keys;
    const [failuresInARow = 0, isHeld] = (await runScript(
      this.#redis,
      "upstreamFailed",
      [accountStatus, upstreamProbe, failingLanes],
      [
        trouble.isForEverybody === true ? DOWN_AFTER_FAILURES : 1,
        DOWN_AFTER_FAILURES,
        trouble.referralId === undefined ? "" : laneName(trouble.referralId),
        HELD_ALONE_EVERY_MS,
        HELD_TOGETHER_EVERY_MS,
        TROUBLE_LIFE_MS,
        ...probeWait(DOWN_PROBE_MS),
      ],
    )) as number[];
    if (failuresInARow >= DOWN_AFTER_FAILURES) {
      this.#changed();
    }
    return { failuresInARow, isHeldAgainstUpdate: isHeld === 1 };
  }

  /** Sign-in does not work: nothing can be sent for anybody. */
  async paused(reason: string): Promise<void> {
    this.#hasTrouble = true;
    const { accountStatus, upstreamProbe } = this.#keys;
    await runScript(
      this.#redis,
      "pauseAccount",
      [accountStatus, upstreamProbe],
      [reason, TROUBLE_LIFE_MS, ...probeWait(PAUSED_PROBE_MS)],
    );
    this.#changed();
  }

  /** Leave to probe, for one process at a time and not before it is time; only worth asking in trouble. */
  async takeProbe(): Promise<Probe | undefined> {
    const key = this.#keys.upstreamProbe;
    if ((await this.#redis.set(key, "1", "PX", PROBE_LEASE_MS, "NX")) === null) {
      return undefined;
    }
    const renewals = setInterval(() => {
      this.#redis.pexpire(key, PROBE_LEASE_MS).catch(() => undefined);
    }, PROBE_RENEW_MS).unref();
    return {
      answered: async () => {
        clearInterval(renewals);
        this.#hasTrouble = true; // perhaps another process' word: what is in Redis is to be cleared
        await this.answered();
      },
      failed: async (found) => {
        clearInterval(renewals);
        await this.#endProbe(found);
        this.#changed();
      },
      abandon: async () => {
        clearInterval(renewals);
        await this.#redis.del(key);
      },
    };
  }

  async #endProbe(found: Parameters<Probe["failed"]>[0]): Promise<void> {
    const { accountStatus, upstreamProbe } = this.#keys;
    const isPaused = typeof found === "object";
    await runScript(
      this.#redis,
      "endProbe",
      [accountStatus, upstreamProbe],
      [
        isPaused ? "paused" : found,
        isPaused ? found.pausedReason : "",
        DOWN_AFTER_FAILURES,
        TROUBLE_LIFE_MS,
        ...probeWait(isPaused ? PAUSED_PROBE_MS : DOWN_PROBE_MS),
      ],
    );
  }

  #changed(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** First wait, longest wait, jitter: between half and all of it. */
function probeWait(wait: { first: number; longest: number }): [number, number, number] {
  return [wait.first, wait.longest, 0.5 + Math.random() / 2];
}
