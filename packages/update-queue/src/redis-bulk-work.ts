import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { laneName } from "./account-keys.ts";
import { decodeBulkUpdate, traceIn } from "./bulk-record.ts";
import { cancelRows, retryRows } from "./bulk-rows.ts";
import type { BulkPlan } from "./bulk-update.ts";
import {
  type ActiveBulkUpdate,
  type BulkPhase,
  type BulkWork,
  LEAD_MS,
  type Resolution,
  type RowVerdict,
} from "./bulk-work.ts";
import { enlistRows } from "./enlist-rows.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { rowIds } from "./redis-bulk-intake.ts";
import type { RedisLaneJobs } from "./redis-lane-jobs.ts";
import { runScript } from "./redis-scripts.ts";
import type { RedisUpdateLedger } from "./redis-update-ledger.ts";
import type { ReferralUpdate } from "./referral-update.ts";

/** ms of silence after which an intake is given up: without, and with an idempotency key (it may be resumed). */
const ABANDONED_AFTER_MS = 90_000;
const KEYED_ABANDONED_AFTER_MS = 60 * 60 * 1000;
/** Rows of given-up intakes deleted in one step, and steps made in one go. */
const DISCARDED_A_STEP = 2_000;
const MOST_DISCARD_STEPS = 20;
interface Edges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly codec: PayloadCodec;
  readonly ledger: RedisUpdateLedger;
  readonly jobs: RedisLaneJobs;
  readonly retentionMs: number;
}

/** See {@link BulkWork}. */
export class RedisBulkWork implements BulkWork {
  readonly #edges: Edges;
  readonly #token = randomUUID();

  constructor(edges: Edges) {
    this.#edges = edges;
  }

  async lead(): Promise<boolean> {
    const { redis, keys } = this.#edges;
    const leads = await runScript(redis, "takeLead", [keys.bulkLeader], [this.#token, LEAD_MS]);
    return leads === 1;
  }

  async resign(): Promise<void> {
    const { redis, keys } = this.#edges;
    await runScript(redis, "takeLead", [keys.bulkLeader], [this.#token, 0]);
  }

  async active(): Promise<ActiveBulkUpdate[]> {
    const { redis, keys } = this.#edges;
    const ids = await redis.zrange(keys.bulksActive, "0", "-1");
    const found = await Promise.all(ids.map((id) => this.reload(id)));
    return found.filter((bulkUpdate) => bulkUpdate !== undefined);
  }

  async reload(id: string): Promise<ActiveBulkUpdate | undefined> {
    const { redis, keys, codec } = this.#edges;
    const bulkUpdate = decodeBulkUpdate(id, await redis.hgetall(keys.bulk(id)), codec);
    return bulkUpdate === undefined || bulkUpdate.finishedAt !== undefined ? undefined : bulkUpdate;
  }

  async traceOf(id: string): Promise<string | undefined> {
    const { redis, keys, codec } = this.#edges;
    return traceIn(await redis.hget(keys.bulk(id), "about"), codec);
  }

  async checkpoint(id: string, phase: BulkPhase, doneTo: number): Promise<void> {
    await this.#note(id, { phase, doneTo });
  }

  async setPlan(id: string, { upstreamCalls }: BulkPlan): Promise<void> {
    await this.#note(id, { planCalls: upstreamCalls });
  }

  async #note(id: string, fields: Readonly<Record<string, string | number>>): Promise<void> {
    const { redis, keys } = this.#edges;
    await runScript(redis, "noteBulk", [keys.bulk(id)], Object.entries(fields).flat());
  }

  async letters(id: string, fromRow: number, toRow: number): Promise<string> {
    const { redis, keys } = this.#edges;
    return fromRow > toRow ? "" : redis.getrange(keys.bulkRows(id), fromRow - 1, toRow - 1);
  }

  load(id: string, rowNumbers: readonly number[]): Promise<ReferralUpdate[]> {
    return this.#edges.ledger.getMany(rowIds(id, rowNumbers));
  }

  enlist(id: string, most: number, resolved: readonly Resolution[] = []): Promise<number> {
    return enlistRows(this.#edges, id, most, resolved);
  }

  async settle(id: string, verdicts: readonly RowVerdict[]): Promise<number[]> {
    const { redis, keys, codec, retentionMs } = this.#edges;
    if (verdicts.length === 0) {
      return [];
    }
    const sealed = (value: unknown): string =>
      value === undefined ? "" : codec.seal(JSON.stringify(value));
    const left = await runScript(
      redis,
      "settleRows",
      [keys.bulk(id), keys.counts, keys.audit, keys.lanesWaiting],
      [
        keys.root,
        id,
        retentionMs,
        ...verdicts.flatMap((verdict) => [
          verdict.rowNumber,
          verdict.referralId,
          verdict.state,
          sealed(verdict.error),
          verdict.error?.code ?? "",
          sealed(verdict.sent),
          verdict.etagBefore ?? "",
        ]),
      ],
    );
    return left as number[];
  }

  async wake(referralIds: readonly string[]): Promise<void> {
    const { redis, keys, jobs } = this.#edges;
    if (referralIds.length === 0) {
      return;
    }
    // On the list of those that wait first: should this process die now, the sweep wakes them.
    const [seconds] = await redis.time();
    const nowMs = Number(seconds) * 1000;
    await redis.zadd(
      keys.lanesWaiting,
      "NX",
      ...referralIds.flatMap((referralId) => [nowMs, laneName(referralId)]),
    );
    await jobs.wakeAll(referralIds.map((referralId) => ({ referralId, priority: "bulk" })));
  }

  async noteCalls(bulkUpdateIds: readonly string[], calls: number): Promise<void> {
    const { redis, keys } = this.#edges;
    await Promise.all(
      bulkUpdateIds.map((id) => runScript(redis, "countCalls", [keys.bulk(id)], [calls])),
    );
  }

  cancelRows(id: string, most: number, after: number): Promise<number> {
    return cancelRows(this.#edges, id, most, after);
  }

  retryRows(id: string, most: number): Promise<boolean> {
    return retryRows(this.#edges, id, most);
  }

  async discardAbandoned(): Promise<void> {
    const { redis, keys } = this.#edges;
    const ids = await redis.zrange(keys.bulksIngesting, "0", "-1");
    let steps = 0;
    for (const id of ids) {
      let left = 1;
      for (; left > 0 && steps < MOST_DISCARD_STEPS; steps++) {
        left = Number(
          await runScript(
            redis,
            "discardBulk",
            [keys.bulk(id), keys.bulkRows(id)],
            [keys.root, id, "", DISCARDED_A_STEP, ABANDONED_AFTER_MS, KEYED_ABANDONED_AFTER_MS, ""],
          ),
        );
      }
    }
  }
}
