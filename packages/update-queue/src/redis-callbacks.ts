import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { decodeBulkUpdate } from "./bulk-record.ts";
import { type BulkUpdate, isBulkOver } from "./bulk-update.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { runScript } from "./redis-scripts.ts";

/*
 * The life of a callback (`callbacks-due`).
 *
 *   due    entered by the script that ends a bulk update that is to be called back; by a failed try, later and later.
 *   taken  one process tries, on a lease: when it dies, the callback is due again once the lease is over.
 *   gone   made, given up, or told by a later one: a bulk update that was retried is called back when it is over again.
 */

/** ms a taken callback belongs to its taker; several times what a try may take. */
export const CALLBACK_LEASE_MS = 30_000;
/** Longest ms between two tries. */
export const LONGEST_CALLBACK_WAIT_MS = 60 * 60 * 1000;
/** ms until a cancelled bulk update is looked at again whose last rows are still being sent. */
const NEARLY_OVER_MS = 1_000;

/** A callback to be tried now. Ends with one of its methods; nothing happens when its lease ran out. */
export interface DueCallback {
  /** Over. */
  readonly bulkUpdate: BulkUpdate;
  /** The same in every try; another one when the bulk update was retried and is over again. */
  readonly deliveryId: string;
  /** Tries before this one. */
  readonly tries: number;
  /** ms since the bulk update was over, on Redis' clock. */
  readonly ageMs: number;
  /** Made, or given up. */
  end(): Promise<void>;
  /** Failed; to be tried again in `waitMs`, at most {@link LONGEST_CALLBACK_WAIT_MS}. */
  tryAgain(waitMs: number): Promise<void>;
}

export interface DueCallbacks {
  readonly callbacks: readonly DueCallback[];
  /** ms until there is another one, as far as known now; undefined when there is none. */
  readonly nextInMs: number | undefined;
}

/** What calls callers back: bulk updates that are over, each until it was told or given up. */
export class RedisCallbacks {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;

  constructor(edges: { redis: Redis; keys: AccountKeys; codec: PayloadCodec }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
  }

  /** Takes at most `most` callbacks that are due. */
  async take(most: number): Promise<DueCallbacks> {
    const { callbacksDue, callbacksTried } = this.#keys;
    const [nowMs, mark, nextInMs, ...taken] = (await runScript(
      this.#redis,
      "takeDueCallbacks",
      [callbacksDue, callbacksTried],
      [most, CALLBACK_LEASE_MS, LONGEST_CALLBACK_WAIT_MS],
    )) as [nowMs: number, mark: string, nextInMs: number, ...taken: string[]];
    const callbacks = await Promise.all(
      inPairs(taken).map(([id, note]) => this.#open(id, note, mark, nowMs)),
    );
    return {
      callbacks: callbacks.filter((callback) => callback !== undefined),
      nextInMs: nextInMs < 0 ? undefined : nextInMs,
    };
  }

  async #open(
    id: string,
    note: string,
    mark: string,
    nowMs: number,
  ): Promise<DueCallback | undefined> {
    const bulkUpdate = await this.#read(id);
    if (bulkUpdate === undefined || !isBulkOver(bulkUpdate)) {
      const isNearlyOver = bulkUpdate?.state === "CANCELLED";
      await this.#end(id, mark, isNearlyOver ? NEARLY_OVER_MS : -1, note);
      return undefined;
    }
    const finishedAt = bulkUpdate.finishedAt ?? bulkUpdate.submittedAt;
    const deliveryId = `msg_${id.slice("blk_".length)}_${finishedAt}`;
    const [notedId, notedTries] = note.split(" ");
    const tries = notedId === deliveryId ? Number(notedTries) : 0;
    return {
      bulkUpdate,
      deliveryId,
      tries,
      ageMs: Math.max(nowMs - finishedAt, 0),
      end: () => this.#end(id, mark, -1, ""),
      tryAgain: (waitMs) => this.#end(id, mark, waitMs, `${deliveryId} ${tries + 1}`),
    };
  }

  async #read(id: string): Promise<BulkUpdate | undefined> {
    return decodeBulkUpdate(id, await this.#redis.hgetall(this.#keys.bulk(id)), this.#codec);
  }

  async #end(id: string, mark: string, waitMs: number, note: string): Promise<void> {
    const { callbacksDue, callbacksTried } = this.#keys;
    const wholeMs = Math.min(Math.ceil(waitMs), LONGEST_CALLBACK_WAIT_MS);
    await runScript(
      this.#redis,
      "endCallback",
      [callbacksDue, callbacksTried],
      [id, mark, wholeMs, note],
    );
  }
}

function inPairs(flat: readonly string[]): [id: string, note: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  }
  return pairs;
}
