import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { decodeBulkUpdate, encodeAbout } from "./bulk-record.ts";
import { isBulkUpdateId, newBulkUpdateId } from "./bulk-row-id.ts";
import { BulkSteering } from "./bulk-steering.ts";
import type {
  BeginResult,
  BulkAction,
  BulkUpdate,
  BulkUpdatePage,
  BulkUpdates,
  NewBulkUpdate,
  RowPage,
} from "./bulk-update.ts";
import { digestOf } from "./digest.ts";
import { LedgerUnavailableError } from "./ledger-unavailable.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { RedisBulkIntake, rowIds } from "./redis-bulk-intake.ts";
import { isRedisTrouble } from "./redis-connection.ts";
import { runScript } from "./redis-scripts.ts";
import type { RedisUpdateLedger } from "./redis-update-ledger.ts";
import type { UpdateState } from "./referral-update.ts";
import { idempotencyLifetimeMs } from "./retention.ts";
import { UnknownCursorError } from "./unknown-cursor.ts";

/** Letters looked at in one go for rows in one state. */
const LETTERS_A_LOOK = 100_000;

const COUNT_OF = {
  QUEUED: "queued",
  SENDING: "sending",
  APPLIED: "applied",
  UNCHANGED: "unchanged",
  FAILED: "failed",
  CANCELLED: "cancelled",
} as const satisfies Record<UpdateState, keyof BulkUpdate["counts"]>;

/** See {@link BulkUpdates}. */
export class RedisBulkUpdates implements BulkUpdates {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #ledger: RedisUpdateLedger;
  readonly #retentionMs: number;
  readonly #steering: BulkSteering;

  constructor(edges: {
    redis: Redis;
    keys: AccountKeys;
    codec: PayloadCodec;
    ledger: RedisUpdateLedger;
    retentionMs: number;
  }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
    this.#ledger = edges.ledger;
    this.#retentionMs = edges.retentionMs;
    this.#steering = new BulkSteering({ ...edges, get: (id) => this.get(id) });
  }

  async begin(bulkUpdate: NewBulkUpdate): Promise<BeginResult> {
    const { submittedBy, idempotencyKey } = bulkUpdate;
    const name = idempotencyKey === undefined ? "" : digestOf([submittedBy, idempotencyKey]);
    const token = randomUUID();
    const isSet = (flag: boolean): "1" | "" => (flag ? "1" : "");
    let reply: [kind: string, id: string, formerRowsOrDigest: number | string];
    try {
      reply = (await runScript(
        this.#redis,
        "beginBulk",
        [this.#keys.bulkIdempotency(name === "" ? "none" : name)],
        [
          this.#keys.root,
          newBulkUpdateId(),
          token,
          name,
          idempotencyLifetimeMs(this.#retentionMs),
          isSet(bulkUpdate.isDryRun),
          isSet(bulkUpdate.skipUnchanged),
          isSet(bulkUpdate.callbackUrl !== undefined),
          encodeAbout(bulkUpdate, this.#codec),
        ],
      )) as typeof reply;
    } catch (error) {
      if (isRedisTrouble(error)) {
        throw new LedgerUnavailableError("Redis did not open an intake", { cause: error });
      }
      throw error;
    }
    const [kind, id, formerRowsOrDigest] = reply;
    if (kind === "earlier") {
      return { kind, bulkUpdateId: id, inputDigest: String(formerRowsOrDigest) };
    }
    const opened = {
      bulkUpdateId: id,
      token,
      submittedBy,
      formerRows: Number(formerRowsOrDigest),
    };
    const edges = {
      redis: this.#redis,
      keys: this.#keys,
      codec: this.#codec,
      retentionMs: this.#retentionMs,
    };
    return { kind: "open", intake: new RedisBulkIntake(edges, opened) };
  }

  async get(id: string): Promise<BulkUpdate | undefined> {
    if (!isBulkUpdateId(id)) {
      return undefined;
    }
    return decodeBulkUpdate(id, await this.#redis.hgetall(this.#keys.bulk(id)), this.#codec);
  }

  async active(): Promise<BulkUpdate[]> {
    const ids = await this.#redis.zrange(this.#keys.bulksActive, "0", "-1");
    const found = await Promise.all(ids.map((id) => this.get(id)));
    return found.filter((bulkUpdate) => bulkUpdate !== undefined);
  }

  async list(first: number, after?: string): Promise<BulkUpdatePage> {
    const { bulks } = this.#keys;
    const bulkUpdates: BulkUpdate[] = [];
    const gone: string[] = [];
    let start = 0;
    if (after !== undefined) {
      const rank = await this.#redis.zrevrank(bulks, after);
      if (rank === null) {
        throw new UnknownCursorError();
      }
      start = rank + 1;
    }
    while (bulkUpdates.length <= first) {
      const ids = await this.#redis.zrevrange(bulks, start, start + first);
      const found = await Promise.all(ids.map((id) => this.get(id)));
      for (const [index, bulkUpdate] of found.entries()) {
        if (bulkUpdate === undefined) {
          gone.push(ids[index] ?? "");
        } else {
          bulkUpdates.push(bulkUpdate);
        }
      }
      start += ids.length;
      if (ids.length <= first) {
        break;
      }
    }
    if (gone.length > 0) {
      await this.#forget(gone);
    }
    return {
      bulkUpdates: bulkUpdates.slice(0, first),
      hasMore: bulkUpdates.length > first,
      totalCount: await this.#redis.zcard(bulks),
    };
  }

  /** Those whose retention is over; one that is being thrown away keeps its hash until its rows are gone. */
  async #forget(ids: readonly string[]): Promise<void> {
    const kept = await Promise.all(ids.map((id) => this.#redis.exists(this.#keys.bulk(id))));
    const gone = ids.filter((_id, index) => kept[index] === 0);
    if (gone.length > 0) {
      await this.#redis.zrem(this.#keys.bulks, ...gone);
    }
  }

  async rows(
    id: string,
    { first, afterRow = 0, state }: { first: number; afterRow?: number; state?: UpdateState },
  ): Promise<RowPage> {
    const bulkUpdate = await this.get(id);
    if (bulkUpdate === undefined) {
      return { rows: [], hasMore: false, totalCount: 0 };
    }
    const { counts } = bulkUpdate;
    const wanted =
      state === undefined
        ? Array.from(
            { length: Math.max(0, Math.min(first + 1, counts.total - afterRow)) },
            (_, index) => afterRow + 1 + index,
          )
        : await this.#rowsInState(id, state, afterRow, first + 1);
    return {
      rows: await this.#ledger.getMany(rowIds(id, wanted.slice(0, first))),
      hasMore: wanted.length > first,
      totalCount: state === undefined ? counts.total : counts[COUNT_OF[state]],
    };
  }

  async #rowsInState(
    id: string,
    state: UpdateState,
    afterRow: number,
    most: number,
  ): Promise<number[]> {
    const found: number[] = [];
    const letter = state.slice(0, 1);
    for (let from = afterRow; found.length < most; from += LETTERS_A_LOOK) {
      const key = this.#keys.bulkRows(id);
      const letters = await this.#redis.getrange(key, from, from + LETTERS_A_LOOK - 1);
      let at = letters.indexOf(letter);
      while (at !== -1 && found.length < most) {
        found.push(from + at + 1);
        at = letters.indexOf(letter, at + 1);
      }
      if (letters.length < LETTERS_A_LOOK) {
        break;
      }
    }
    return found;
  }

  pause(id: string, by: string): Promise<BulkAction> {
    return this.#steering.pause(id, by);
  }

  resume(id: string): Promise<BulkAction> {
    return this.#steering.resume(id);
  }

  cancel(id: string): Promise<BulkAction> {
    return this.#steering.cancel(id);
  }

  retry(id: string): Promise<BulkAction> {
    return this.#steering.retry(id);
  }
}
