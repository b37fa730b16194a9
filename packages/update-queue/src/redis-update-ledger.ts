import type { Redis } from "ioredis";
import { v7 as uuidv7 } from "uuid";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { canonicalJson, digestOf, sha256 } from "./digest.ts";
import { LedgerUnavailableError } from "./ledger-unavailable.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import type { RedisClock } from "./redis-clock.ts";
import { runScript } from "./redis-scripts.ts";
import type { NewReferralUpdate, ReferralUpdate, UpdateState } from "./referral-update.ts";
import { idempotencyLifetimeMs } from "./retention.ts";
import { UnknownCursorError } from "./unknown-cursor.ts";
import { decodeUpdate, encodePayload } from "./update-record.ts";
import { Withdrawals } from "./withdrawals.ts";

/** ms after which Redis itself refuses an accept; shorter than the caller's own wait for the answer. */
const ACCEPT_DEADLINE_MS = 1_300;

/** Ids looked at in one go once records were missing. */
const NEXT_LOOK = 200;

export type AcceptResult =
  | { readonly ok: true; readonly id: string; readonly isReplay: boolean }
  | { readonly ok: false; readonly reason: "idempotencyMismatch" };

export interface UpdatePage {
  readonly updates: readonly ReferralUpdate[];
  readonly hasMore: boolean;
  readonly totalCount: number;
}

/** The record of every accepted update. */
export class RedisUpdateLedger {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #retentionMs: number;
  readonly #clock: RedisClock;
  readonly #withdrawals: Withdrawals;

  constructor(edges: {
    redis: Redis;
    keys: AccountKeys;
    codec: PayloadCodec;
    clock: RedisClock;
    retentionMs: number;
  }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
    this.#retentionMs = edges.retentionMs;
    this.#clock = edges.clock;
    this.#withdrawals = new Withdrawals(edges.redis, (update) =>
      this.#takeBack(update.id, update.referralId, "withdraw", update),
    );
  }

  /**
   * Writes an update to the ledger and to the end of its lane, in one step; durable when it resolves.
   * Throws {@link LedgerUnavailableError} when Redis does not answer in time. A command whose answer was
   * lost is refused by its own deadline, or taken back as soon as Redis answers again.
   */
  async accept(update: NewReferralUpdate): Promise<AcceptResult> {
    const id = `upd_${uuidv7().replaceAll("-", "")}`;
    const idempotency = this.#idempotencyOf(update);
    let mayHaveRun = false;
    try {
      const deadlineMs = Math.round(await this.#clock.read(this.#redis)) + ACCEPT_DEADLINE_MS;
      const askedAt = performance.now();
      mayHaveRun = this.#redis.status === "ready"; // otherwise it is refused here, unsent
      const reply = await this.#runAccept(id, update, idempotency, deadlineMs);
      const [verdict, acceptedId, nowMs] = reply;
      this.#clock.heard(nowMs, askedAt);
      mayHaveRun = false;
      if (verdict === "expired") {
        throw new Error("Redis was too slow");
      }
      if (verdict === "mismatch") {
        return { ok: false, reason: "idempotencyMismatch" };
      }
      return { ok: true, id: acceptedId, isReplay: verdict === "replayed" };
    } catch (error) {
      if (mayHaveRun) {
        this.#withdrawals.add({ id, referralId: update.referralId, ...idempotency });
      }
      throw new LedgerUnavailableError("Redis did not take the update", { cause: error });
    }
  }

  /**
   * What an update's idempotency key was used for before; undefined when it has none or it is new. What is
   * answered as a repeat stays accepted.
   */
  async findEarlier(update: NewReferralUpdate): Promise<AcceptResult | undefined> {
    const { digest, inputHash } = this.#idempotencyOf(update);
    if (inputHash === "") {
      return undefined;
    }
    const [verdict, id = ""] = (await runScript(
      this.#redis,
      "findEarlier",
      [this.#keys.idempotency(digest)],
      [inputHash],
    )) as string[];
    switch (verdict) {
      case "replayed":
        return { ok: true, id, isReplay: true };
      case "mismatch":
        return { ok: false, reason: "idempotencyMismatch" };
      default:
        return undefined;
    }
  }

  #runAccept(
    id: string,
    update: NewReferralUpdate,
    idempotency: Idempotency,
    deadlineMs: number,
  ): Promise<[verdict: string, id: string, nowMs: number]> {
    const keys = this.#keys;
    const { referralId } = update;
    return runScript(
      this.#redis,
      "acceptUpdate",
      [
        keys.update(id),
        keys.lane(referralId),
        keys.lanesWaiting,
        keys.referralUpdates(referralId),
        keys.counts,
        keys.idempotency(idempotency.digest),
        keys.metrics,
      ],
      [
        id,
        referralId,
        encodePayload(update, this.#codec),
        deadlineMs,
        idempotency.inputHash,
        idempotency.digest,
        update.priority ?? "interactive",
        keys.events,
        laneName(referralId),
      ],
    ) as Promise<[string, string, number]>;
  }

  /** Cancels an update that is still QUEUED; answers the state it has afterwards, undefined if unknown. */
  async cancel(id: string): Promise<UpdateState | undefined> {
    const referralId = await this.#redis.hget(this.#keys.update(id), "referralId");
    if (referralId === null) {
      return undefined;
    }
    const verdict = await this.#takeBack(id, referralId, "cancel");
    return verdict === "done"
      ? "CANCELLED"
      : verdict === "missing"
        ? undefined
        : (verdict as UpdateState);
  }

  #takeBack(
    id: string,
    referralId: string,
    mode: "cancel" | "withdraw",
    idempotency: Idempotency = { digest: "none", inputHash: "" },
  ): Promise<string> {
    const keys = this.#keys;
    return runScript(
      this.#redis,
      "takeBackUpdate",
      [
        keys.update(id),
        keys.lane(referralId),
        keys.referralUpdates(referralId),
        keys.counts,
        keys.idempotency(idempotency.digest),
        keys.audit,
      ],
      [
        id,
        mode,
        this.#retentionMs,
        idempotency.inputHash,
        keys.events,
        keys.idempotencyPrefix,
        idempotencyLifetimeMs(this.#retentionMs),
        keys.root,
      ],
    ) as Promise<string>;
  }

  /** undefined when there is no such update (any more). One that cannot be opened here is `unreadable`. */
  async get(id: string): Promise<ReferralUpdate | undefined> {
    return (await this.getMany([id]))[0];
  }

  /** In the order of `ids`; unknown ones are left out. */
  async getMany(ids: readonly string[]): Promise<ReferralUpdate[]> {
    const found = await Promise.all(
      ids.map(async (id) => {
        const fields = await this.#redis.hgetall(this.#keys.update(id));
        return decodeUpdate(id, fields, this.#codec);
      }),
    );
    return found.filter((update) => update !== undefined);
  }

  /** The updates of one referral, newest first, after the update named `after`. Throws UnknownCursorError when there is none. */
  async listOfReferral(referralId: string, first: number, after?: string): Promise<UpdatePage> {
    const key = this.#keys.referralUpdates(referralId);
    const rank = after === undefined ? null : await this.#redis.zrevrank(key, after);
    if (after !== undefined && rank === null) {
      throw new UnknownCursorError();
    }
    const counted = this.#redis.zcard(key);
    counted.catch(() => undefined); // what fails with it is told below
    const found: ReferralUpdate[] = [];
    let at = rank === null ? 0 : rank + 1;
    let look = first + 1; // one more says that there is more
    for (let isAtEnd = false; !isAtEnd && found.length <= first; look = Math.max(look, NEXT_LOOK)) {
      const ids = await this.#redis.zrevrange(key, at, at + look - 1);
      found.push(...(await this.getMany(ids))); // records may be gone a while before their ids are (settle-updates)
      isAtEnd = ids.length < look;
      at += ids.length;
    }
    const totalCount = await counted;
    return { updates: found.slice(0, first), hasMore: found.length > first, totalCount };
  }

  /** Whether the referral has updates that are not final. */
  async hasPending(referralId: string): Promise<boolean> {
    return (await this.#redis.exists(this.#keys.lane(referralId))) === 1;
  }

  /** How many updates are in each state (of all that were ever accepted, for final states). */
  async counts(): Promise<Record<UpdateState, number>> {
    const stored = await this.#redis.hgetall(this.#keys.counts);
    const of = (state: UpdateState): number => Number(stored[state] ?? 0);
    return {
      QUEUED: of("QUEUED"),
      SENDING: of("SENDING"),
      APPLIED: of("APPLIED"),
      UNCHANGED: of("UNCHANGED"),
      FAILED: of("FAILED"),
      CANCELLED: of("CANCELLED"),
    };
  }

  #idempotencyOf(update: NewReferralUpdate): Idempotency {
    if (update.idempotencyKey === undefined) {
      return { digest: "none", inputHash: "" };
    }
    const { referralId, intent, ifMatch = null, submittedBy, idempotencyKey } = update;
    return {
      digest: digestOf([submittedBy, idempotencyKey]),
      inputHash: sha256(canonicalJson([referralId, intent, ifMatch])),
    };
  }
}

/** Keys are kept per caller, so that nobody meets another's update by guessing a key. */
interface Idempotency {
  readonly digest: string;
  readonly inputHash: string;
}
