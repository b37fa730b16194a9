import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { type AuditEntry, decodeAuditEntry } from "./audit-entry.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import type { RedisClock } from "./redis-clock.ts";
import { UnknownCursorError } from "./unknown-cursor.ts";

/** Updates of a referral looked at in one go for their audit entries. */
const UPDATES_A_LOOK = 200;

/** A page of the audit trail, and whether there is more of it. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly hasMore: boolean;
  /** Of the whole account; not counted for one referral. */
  readonly totalCount?: number;
}

/** Which entries are asked for. */
export interface AuditQuery {
  /** Most entries answered. */
  readonly first: number;
  /** The `cursor` of an entry: what comes after it. Nothing comes after one that is unknown. */
  readonly after?: string | undefined;
  /** Entries of one referral only. */
  readonly referralId?: string | undefined;
}

type StreamEntry = [id: string, fields: string[]];

/**
 * What became of every update that is final: one entry each, appended in the step that made it final, never
 * changed, gone when the retention is over.
 */
export class RedisAuditTrail {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #clock: RedisClock;
  readonly #retentionMs: number;

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
    this.#clock = edges.clock;
    this.#retentionMs = edges.retentionMs;
  }

  /**
   * Newest first: of the account by when they were finished, of one referral by when its updates were
   * accepted. Content sealed with a key that is not known here is left out, entry by entry.
   */
  list({ first, after, referralId }: AuditQuery): Promise<AuditPage> {
    return referralId === undefined
      ? this.#ofAccount(first, after)
      : this.#ofReferral(referralId, first, after);
  }

  /** Removes entries past the retention now; they leave by themselves as new ones come. */
  async trim(): Promise<void> {
    await this.#redis.xtrim(this.#keys.audit, "MINID", await this.#oldestId());
  }

  async #ofAccount(first: number, after: string | undefined): Promise<AuditPage> {
    if (after !== undefined && !isEntryId(after)) {
      throw new UnknownCursorError();
    }
    const key = this.#keys.audit;
    const newest = after === undefined ? "+" : `(${after}`;
    const [found, totalCount] = await Promise.all([
      this.#redis.xrevrange(key, newest, await this.#oldestId(), "COUNT", first + 1),
      this.#redis.xlen(key),
    ]);
    const entries = found
      .slice(0, first)
      .map((entry) => decodeAuditEntry(entry[0], entry, this.#codec));
    return { entries, hasMore: found.length > first, totalCount };
  }

  /** By way of the referral's updates, each of which knows its entry: an index of its own costs more than it saves. */
  async #ofReferral(
    referralId: string,
    first: number,
    after: string | undefined,
  ): Promise<AuditPage> {
    const key = this.#keys.referralUpdates(referralId);
    const rank = after === undefined ? -1 : await this.#redis.zrevrank(key, after);
    if (rank === null) {
      throw new UnknownCursorError();
    }
    const found: { updateId: string; entry: StreamEntry }[] = [];
    for (let at: number | undefined = rank + 1; at !== undefined && found.length <= first; ) {
      const updateIds: string[] = await this.#redis.zrevrange(key, at, at + UPDATES_A_LOOK - 1);
      found.push(...(await this.#entriesOf(updateIds)));
      at = updateIds.length < UPDATES_A_LOOK ? undefined : at + updateIds.length;
    }
    const entries = found
      .slice(0, first)
      .map(({ updateId, entry }) => decodeAuditEntry(updateId, entry, this.#codec));
    return { entries, hasMore: found.length > first };
  }

  async #entriesOf(
    updateIds: readonly string[],
  ): Promise<{ updateId: string; entry: StreamEntry }[]> {
    const found = await Promise.all(
      updateIds.map(async (updateId) => {
        const entryId = await this.#redis.hget(this.#keys.update(updateId), "audit");
        if (entryId === null) {
          return []; // not final
        }
        const [entry] = await this.#redis.xrange(this.#keys.audit, entryId, entryId);
        return entry === undefined ? [] : [{ updateId, entry }];
      }),
    );
    return found.flat();
  }

  /** The least id an entry within the retention can have. */
  async #oldestId(): Promise<string> {
    const nowMs = await this.#clock.read(this.#redis);
    return Math.max(0, Math.floor(nowMs - this.#retentionMs)).toFixed();
  }
}

function isEntryId(cursor: string): boolean {
  return /^\d{1,16}-\d{1,16}$/.test(cursor);
}
