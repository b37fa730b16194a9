import type { UpdateFate } from "../gateway.ts";
import { seededRandom } from "../random.ts";
import { sleep } from "../sleep.ts";
import type { Accepted } from "../submitter.ts";
import type { UpstreamReferral } from "../upstream.ts";
import { BulkGateway, type BulkView, type RowView } from "./bulk-gateway.ts";
import { checkEnd, checkMoment, isOver } from "./check-bulk.ts";
import { type BulkLoad, linesOf, type PlannedRow, planRows } from "./plan-rows.ts";

/** One bulk update that a caller knows to be accepted. */
export interface HandedIn {
  readonly id: string;
  readonly rows: readonly PlannedRow[];
}

/** An upload that was not answered, and was handed in again as another one. */
export interface Abandoned {
  readonly rows: readonly PlannedRow[];
  /** Every byte of it had been sent: then it may have been accepted. */
  readonly isSent: boolean;
}

const RETRY_MS = 150;
const LOOK_EVERY_MS = 250;
/** Keeps the rows' randomness apart from the lanes' and the trouble's. */
const FIRST_STREAM = 1_000_000;
/** Problems of one kind told. */
const MOST_PROBLEMS = 5;

/** Callers that hand in bulk updates, one after the other, and look at them all the time. */
export class BulkCallers {
  readonly gateway: BulkGateway;
  readonly #seed: number;
  readonly #load: BulkLoad;
  readonly #callbackUrl: string | undefined;
  readonly #problems = new Set<string>();
  /** In the order of acceptance. */
  readonly handedIn: HandedIn[] = [];
  readonly abandoned: Abandoned[] = [];
  /** Uploads that said "not now", or got no answer. */
  unanswered = 0;
  /** Looks at a bulk update that were answered. */
  looks = 0;

  constructor(graphqlUrl: string, seed: number, load: BulkLoad, callbackUrl?: string) {
    this.gateway = new BulkGateway(graphqlUrl);
    this.#seed = seed;
    this.#load = load;
    this.#callbackUrl = callbackUrl;
  }

  /** What was seen that must not be. */
  get problems(): string[] {
    const all = [...this.#problems];
    const more = all.length - MOST_PROBLEMS;
    return more > 0 ? [...all.slice(0, MOST_PROBLEMS), `and ${more} more of bulk updates`] : all;
  }

  /** Resolves when all are accepted; gives up when `mayGoOn` no longer holds. */
  async handIn(
    referrals: readonly UpstreamReferral[],
    mayGoOn: () => boolean = () => true,
  ): Promise<void> {
    for (let nth = 0; nth < (this.#load.updates ?? 1) && mayGoOn(); nth++) {
      await this.#handInOne(nth, referrals, mayGoOn);
    }
  }

  async #handInOne(
    nth: number,
    referrals: readonly UpstreamReferral[],
    mayGoOn: () => boolean,
  ): Promise<void> {
    const { format = "ndjson", uploadMs = 0, hasKey = true, externalShare = 0 } = this.#load;
    const { updates = 1, isApart = externalShare > 0 } = this.#load;
    const mine = isApart ? referrals.filter((_, n) => n % updates === nth) : referrals;
    for (let attempt = 0; mayGoOn(); attempt++) {
      const name = hasKey ? `${nth}` : `${nth}-${attempt}`;
      const rows = planRows(name, seededRandom(this.#seed, FIRST_STREAM + nth), mine, this.#load);
      const answer = await this.gateway.upload({
        format,
        lines: [...linesOf(rows, format)],
        ms: uploadMs,
        ...(hasKey ? { idempotencyKey: `bulk-${nth}` } : {}),
        ...(this.#callbackUrl === undefined ? {} : { callbackUrl: this.#callbackUrl }),
      });
      if (answer.kind === "accepted") {
        this.handedIn.push({ id: answer.id, rows });
        return;
      }
      this.unanswered += 1;
      if (!hasKey) {
        this.abandoned.push({ rows, isSent: answer.isSent });
      }
      await sleep(RETRY_MS);
    }
  }

  /** One look at all that were accepted; undefined for those without an answer. */
  async look(): Promise<(BulkView | undefined)[]> {
    return Promise.all(
      this.handedIn.map(async ({ id, rows }) => {
        const view = await this.#view(id);
        if (view !== undefined) {
          this.looks += 1;
          this.#note(checkMoment(view, rows.length));
        }
        return view;
      }),
    );
  }

  async #view(id: string): Promise<BulkView | undefined> {
    const view = await this.gateway.view(id);
    if (view === "gone") {
      this.#note([`${id} is not known any more`]);
      return undefined;
    }
    return view;
  }

  #note(problems: readonly string[]): void {
    for (const problem of problems) {
      this.#problems.add(problem);
    }
  }

  /** Looks until all are over or the time is up; answers whether they are. */
  async untilOver(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const views = await this.look();
      if (views.every((view) => view !== undefined && isOver(view))) {
        return true;
      }
      if (performance.now() > deadline) {
        return false;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** From now on these rows are expected to succeed: what they failed for is gone. */
  expectCured(isCured: (row: PlannedRow) => boolean): void {
    for (const [nth, { id, rows }] of this.handedIn.entries()) {
      const cured = rows.map((row) => {
        const { failsWith: _, ...healthy } = row;
        return isCured(row) ? healthy : row;
      });
      this.handedIn[nth] = { id, rows: cured };
    }
  }

  /** Every row's fate, as updates like any other; what is wrong with the bulk updates goes to the problems. */
  async collect(): Promise<{ accepted: Accepted[]; fates: Map<string, UpdateFate> }> {
    const accepted: Accepted[] = [];
    const fates = new Map<string, UpdateFate>();
    for (const { id, rows } of this.handedIn) {
      const [view, told] = await Promise.all([this.#view(id), this.gateway.rows(id)]);
      if (view === undefined || told === undefined) {
        this.#note([`${id} could not be read`]);
        continue;
      }
      this.#note(checkEnd(view, told, rows));
      for (const row of told) {
        const planned = rows[row.rowNumber - 1];
        if (planned?.effect !== undefined && planned.referralId !== undefined) {
          accepted.push(acceptedRow(row, planned, planned.referralId));
          fates.set(row.id, row);
        }
      }
    }
    return { accepted, fates };
  }
}

function acceptedRow(
  row: RowView,
  { effect, failsWith }: PlannedRow,
  referralId: string,
): Accepted {
  if (effect === undefined) {
    throw new TypeError("a row without an effect is no update of a referral");
  }
  return {
    ...effect,
    isPoison: effect.isPoison && failsWith !== undefined,
    ...(failsWith === undefined ? {} : { failsWith }),
    id: row.id,
    referralId,
  };
}
