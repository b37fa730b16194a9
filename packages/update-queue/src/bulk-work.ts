import type { PatchOperation } from "@patchlane/referral-patch";
import type { BulkPlan, BulkUpdate } from "./bulk-update.ts";
import type { ReferralUpdate, UpdateFailure } from "./referral-update.ts";

/*
 * What happens to a committed bulk update, step by step. One process of the account leads (`BulkWork.lead`); every step can be
 * repeated by the next leader, from where the checkpoint says.
 *
 *   enlist   rows take their places in their lanes, in row order. Rows that name a referral by its external id wait here until it
 *            is resolved, and so do those behind them: rows of one referral keep their order. Dry runs have no places.
 *   learn    the states that decisions hang on are read, page by page, where that is the cheap way.
 *   weigh    rows whose fate can be told from what was learned end at once: UNCHANGED, FAILED; of a dry run: all.
 *   feed     the lanes of the other rows are woken, as many as keep the workers busy, bulk updates taking turns.
 */
export type BulkPhase = "enlist" | "learn" | "weigh" | "feed";

/** A committed bulk update and how far its leader came. */
export interface ActiveBulkUpdate extends BulkUpdate {
  readonly phase: BulkPhase;
  /** Rows done with in this phase (the row number of the last one); 0 at its start. */
  readonly doneTo: number;
  /** Rows that stand in their lanes, or are final, counted from the first. */
  readonly enlistedTo: number;
}

/** What became of the external id of a row. */
export type Resolution =
  | { readonly rowNumber: number; readonly referralId: string }
  | { readonly rowNumber: number; readonly error: UpdateFailure };

/** A row's end as its leader decided it, without a lane job. */
export interface RowVerdict {
  readonly rowNumber: number;
  readonly referralId: string;
  /** APPLIED only in a dry run: it would be. */
  readonly state: "UNCHANGED" | "FAILED" | "APPLIED";
  readonly error?: UpdateFailure;
  /** Of a dry run: the operations that would be sent. */
  readonly sent?: readonly PatchOperation[];
  readonly etagBefore?: string;
}

export interface BulkWork {
  /**
   * Takes or keeps the lead over the account's bulk updates for {@link LEAD_MS}; answers whether this process has it. Ask again well
   * before it runs out. A process that lost it does no harm, it only does work twice.
   */
  lead(): Promise<boolean>;
  /** Gives the lead up, so that another process need not wait for its end. */
  resign(): Promise<void>;
  /** Committed bulk updates with rows that are not final, oldest first; also PAUSED and CANCELLED ones. */
  active(): Promise<ActiveBulkUpdate[]>;
  /** One of them as it is now; undefined when it is over. */
  reload(id: string): Promise<ActiveBulkUpdate | undefined>;
  /** `traceparent` of the request that brought a bulk update, over or not; undefined when it was not traced. */
  traceOf(id: string): Promise<string | undefined>;
  /** Writes down how far the leader came. */
  checkpoint(id: string, phase: BulkPhase, doneTo: number): Promise<void>;
  /**
   * One letter per row of `fromRow..toRow` (1-based, inclusive): Q S A U F C, the first letter of its state. Q may stand for a row
   * that was never enlisted.
   */
  letters(id: string, fromRow: number, toRow: number): Promise<string>;
  /** The rows of these numbers, in their order; rows that are gone are left out. */
  load(id: string, rowNumbers: readonly number[]): Promise<ReferralUpdate[]>;
  /**
   * Gives rows their places in their lanes, from `enlistedTo` on, at most `most` (≤ 1000) of them and only up to the first whose
   * external id is not among the resolved. Answers the new `enlistedTo`.
   */
  enlist(id: string, most: number, resolved?: readonly Resolution[]): Promise<number>;
  /**
   * Ends rows that are QUEUED and, but for dry runs, first in a lane nobody owns. Answers the row numbers that were not ended because
   * something else is going on in their lanes: those are left to the lane. At most 200 at a time.
   */
  settle(id: string, verdicts: readonly RowVerdict[]): Promise<number[]>;
  /** Has workers look at the lanes of these referrals, behind what is urgent. */
  wake(referralIds: readonly string[]): Promise<void>;
  /** Counts upstream requests made on behalf of bulk updates (those of PATCHes count by themselves). */
  noteCalls(bulkUpdateIds: readonly string[], calls: number): Promise<void>;
  /** Of a dry run, before its last row is settled. */
  setPlan(id: string, plan: BulkPlan): Promise<void>;
  /**
   * CANCELLED: takes back what is QUEUED behind row `after` (0 = from the first), `most` rows at a time; answers behind which row to
   * go on, 0 at the end. What may have been sent is left to its lane.
   */
  cancelRows(id: string, most: number, after: number): Promise<number>;
  /** Queues FAILED rows of a bulk update that is being retried again, `most` at a time; answers whether any is left. */
  retryRows(id: string, most: number): Promise<boolean>;
  /** Throws away intakes that were given up, a few thousand rows at a time. */
  discardAbandoned(): Promise<void>;
}

/** ms the lead lasts without a sign of life. */
export const LEAD_MS = 5_000;
