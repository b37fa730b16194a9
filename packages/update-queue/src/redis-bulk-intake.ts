import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { rowUpdateId } from "./bulk-row-id.ts";
import { type BulkIntake, IntakeLostError, type NewBulkRow } from "./bulk-update.ts";
import { enlistRows } from "./enlist-rows.ts";
import { LedgerUnavailableError } from "./ledger-unavailable.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { isRedisTrouble } from "./redis-connection.ts";
import { runScript } from "./redis-scripts.ts";
import { encodeRow } from "./update-record.ts";

/** ms an intake waits for a Redis that is away; its sender is kept waiting as long. */
const INTAKE_PATIENCE_MS = 30_000;
/** ms between tries while Redis is away. */
const RETRY_MS = 200;
/** Rows that get their places in one step: some 10 ms of Redis. */
const ROWS_A_STEP = 1_000;
/** Rows thrown away in one step. */
const DISCARDED_A_STEP = 5_000;

interface IntakeEdges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly codec: PayloadCodec;
  readonly retentionMs: number;
}

/** See {@link BulkIntake}. */
export class RedisBulkIntake implements BulkIntake {
  readonly bulkUpdateId: string;
  readonly #edges: IntakeEdges;
  readonly #token: string;
  readonly #submittedBy: string;
  readonly #mayHaveSurplus: boolean;
  #rowCount = 0;
  /** The last batch: each is through after the one before, and fails with it. */
  #added: Promise<void> = Promise.resolve();

  constructor(
    edges: IntakeEdges,
    opened: {
      bulkUpdateId: string;
      token: string;
      submittedBy: string;
      /** Rows a former sender wrote: those beyond this sender's last row are thrown away. */
      formerRows: number;
    },
  ) {
    this.#edges = edges;
    this.bulkUpdateId = opened.bulkUpdateId;
    this.#token = opened.token;
    this.#submittedBy = opened.submittedBy;
    this.#mayHaveSurplus = opened.formerRows > 0;
  }

  add(rows: readonly NewBulkRow[]): Promise<void> {
    const { redis, keys, codec, retentionMs } = this.#edges;
    const id = this.bulkUpdateId;
    const args: (string | number)[] = [keys.root, id, this.#token, this.#rowCount + 1, retentionMs];
    if (rows.length === 0) {
      return this.#stay(args);
    }
    for (const row of rows) {
      args.push(
        row.referralId ?? "",
        encodeRow(row, this.#submittedBy, codec),
        ...(row.kind === "bad"
          ? [codec.seal(JSON.stringify(row.error)), row.error.code]
          : ["", ""]),
      );
    }
    this.#rowCount += rows.length;
    const send = () => runScript(redis, "addRows", [keys.bulk(id), keys.bulkRows(id)], args);
    // Sent at once, so that Redis need not wait for us: it takes the commands of a connection in their order.
    const firstTry = send();
    firstTry.catch(() => undefined); // tried again when its turn has come
    this.#added = this.#added.then(async () => {
      // It was lost, or refused because one before it was.
      this.#check(await firstTry.catch(() => patiently(send)));
    });
    this.#added.catch(() => undefined); // met by whoever waits for it
    return this.#added;
  }

  async commit(end: { inputDigest: string; columns: readonly string[] }): Promise<void> {
    const { redis, keys, retentionMs } = this.#edges;
    const id = this.bulkUpdateId;
    await this.#added;
    if (this.#mayHaveSurplus) {
      await this.#throwAway("1");
    }
    const [seconds] = await patiently(() => redis.time());
    const deadlineMs = Number(seconds) * 1000 + INTAKE_PATIENCE_MS; // all tries are over then, or nearly
    const verdict = await patiently(() =>
      runScript(
        redis,
        "commitBulk",
        [keys.bulk(id), keys.bulkRows(id)],
        [
          keys.root,
          id,
          this.#token,
          end.inputDigest,
          JSON.stringify(end.columns),
          this.#rowCount,
          retentionMs,
          deadlineMs,
        ],
      ),
    );
    this.#check(verdict);
    if (verdict === "expired") {
      throw new LedgerUnavailableError("Redis was away for too long to commit");
    }
    await this.#enlist().catch(() => undefined); // it is taken; whoever leads the bulk updates goes on with this
  }

  async discard(): Promise<void> {
    await this.#added.catch(() => undefined); // rows that are under way must not come after
    await this.#throwAway("");
  }

  /** Tried once: the next sign of life, or the next rows, are not far. */
  async #stay(args: readonly (string | number)[]): Promise<void> {
    const { redis, keys } = this.#edges;
    const id = this.bulkUpdateId;
    const stay = runScript(redis, "addRows", [keys.bulk(id), keys.bulkRows(id)], args);
    this.#check(await stay.catch(() => undefined));
  }

  /** So that what is asked for one of the referrals from now on takes its place behind the rows. */
  async #enlist(): Promise<void> {
    let enlistedTo = 0;
    let before: number;
    do {
      before = enlistedTo;
      enlistedTo = await enlistRows(this.#edges, this.bulkUpdateId, ROWS_A_STEP);
    } while (enlistedTo > before && enlistedTo < this.#rowCount);
  }

  async #throwAway(onlySurplus: "1" | ""): Promise<void> {
    const { redis, keys } = this.#edges;
    const id = this.bulkUpdateId;
    let left: unknown;
    do {
      left = await patiently(() =>
        runScript(
          redis,
          "discardBulk",
          [keys.bulk(id), keys.bulkRows(id)],
          [keys.root, id, this.#token, DISCARDED_A_STEP, 0, 0, onlySurplus],
        ),
      );
    } while (Number(left) > 0);
  }

  #check(verdict: unknown): void {
    if (verdict === "lost") {
      throw new IntakeLostError(
        `the intake of ${this.bulkUpdateId} was taken over by another sender, or cancelled`,
      );
    }
  }
}

/** Ids of the rows of one bulk update. */
export function rowIds(bulkUpdateId: string, rowNumbers: readonly number[]): string[] {
  return rowNumbers.map((rowNumber) => rowUpdateId(bulkUpdateId, rowNumber));
}

/** Tries again while Redis is away. What is tried must be repeatable. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + INTAKE_PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isRedisTrouble(error)) {
        throw error;
      }
      if (performance.now() > deadline) {
        throw new LedgerUnavailableError("Redis did not take the rows", { cause: error });
      }
      await sleep(RETRY_MS);
    }
  }
}
