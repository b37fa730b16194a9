import type {
  ReferralUpdate,
  UpdateFailure,
  UpdateIntent,
  UpdateState,
} from "./referral-update.ts";

/*
 * The life of a BulkUpdate.
 *
 *   INGESTING              entered when an intake is opened (begin-bulk). Its rows are written, and nothing of them is sent.
 *                          Left by commit-bulk, once every row is there; without that the intake is discarded.
 *   RUNNING                entered by commit-bulk, resume and retry. Rows become final one by one.
 *   PAUSED                 entered by a caller: rows that are QUEUED stay where they are and are not sent.
 *   COMPLETED,             final: entered by the script that makes the last row final. With errors = rows FAILED.
 *   COMPLETED_WITH_ERRORS
 *   CANCELLED              entered by a caller; rows that are QUEUED become CANCELLED one after the other.
 *
 * Its rows are ReferralUpdates like any other, with an id that tells their bulk update and row (see bulk-row-id.ts).
 * Counts and the state of every row are kept by the scripts that move rows, in the same step.
 */
export type BulkUpdateState =
  | "INGESTING"
  | "RUNNING"
  | "PAUSED"
  | "COMPLETED"
  | "COMPLETED_WITH_ERRORS"
  | "CANCELLED";

/** Rows by state; they add up to `total` at every moment. */
export interface BulkUpdateCounts {
  readonly total: number;
  readonly queued: number;
  readonly sending: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** What a caller says about the whole. */
export interface NewBulkUpdate {
  readonly label?: string;
  /** Plan only: nothing is written upstream. */
  readonly isDryRun: boolean;
  /** A row whose referral already is as it says ends UNCHANGED, without a write. */
  readonly skipUnchanged: boolean;
  readonly submittedBy: string;
  /** Same key and same input answer the same bulk update. */
  readonly idempotencyKey?: string;
  /** Told when the bulk update is over; checked by whoever takes it. */
  readonly callbackUrl?: string;
  /** W3C `traceparent` of the request that brought it; kept sealed with what its caller said. */
  readonly trace?: string;
}

export interface BulkUpdate {
  readonly id: string;
  readonly state: BulkUpdateState;
  readonly label?: string;
  readonly isDryRun: boolean;
  readonly skipUnchanged: boolean;
  readonly submittedBy: string;
  readonly callbackUrl?: string;
  readonly counts: BulkUpdateCounts;
  /** Upstream requests made on its behalf. */
  readonly upstreamCalls: number;
  /** Who paused it, in words; absent unless PAUSED. */
  readonly pausedReason?: string;
  /** Input columns its rows use (CSV header names, see the contract); for writing its rows as CSV. */
  readonly columns: readonly string[];
  /** Unix ms, Redis clock: when its intake was opened. */
  readonly submittedAt: number;
  /** When its last row became final; absent before. */
  readonly finishedAt?: number;
  /** Of a finished dry run: what the real run would take. */
  readonly plan?: BulkPlan;
  /** See {@link SealedPayloadError}: label, submittedBy and callbackUrl cannot be opened here and are empty. */
  readonly isReadable: boolean;
}

/** What the real run of a dry run would need. */
export interface BulkPlan {
  readonly upstreamCalls: number;
}

/** Whether no row of it will change any more, retries aside. */
export function isBulkOver({ state, counts }: Pick<BulkUpdate, "state" | "counts">): boolean {
  return (
    state === "COMPLETED" ||
    state === "COMPLETED_WITH_ERRORS" ||
    (state === "CANCELLED" && counts.queued + counts.sending === 0)
  );
}

/** How a row names its referral: by the upstream's id, or by the CRM's own. */
export type RowAddress =
  | { readonly referralId: string; readonly externalReferenceId?: undefined }
  | { readonly externalReferenceId: string; readonly referralId?: undefined };

/** A row as it is handed in, already checked as far as that goes without a state. */
export type NewBulkRow =
  | (RowAddress & {
      readonly kind: "update";
      readonly intent: UpdateIntent;
      readonly ifMatch?: string;
    })
  /** Ends FAILED at once; what could be read of it is kept, so that it can be shown and corrected. */
  | {
      readonly kind: "bad";
      readonly error: UpdateFailure;
      readonly input: RowInput;
      readonly referralId?: string;
      readonly externalReferenceId?: string;
    };

/** A bad row as it came: its cells by column, or the text of its line (cut to a sensible length). */
export type RowInput =
  | { readonly cells: Readonly<Record<string, string>> }
  | { readonly line: string };

/** An open intake. Calls wait for a Redis that is away, for up to {@link INTAKE_PATIENCE_MS}, then throw LedgerUnavailableError. */
export interface BulkIntake {
  readonly bulkUpdateId: string;
  /**
   * Writes the next rows, in row order; durable when it resolves. At most 1000 rows or about 1 MB at a time. Calls may overlap: they are
   * written one after the other, and fail with the one before. No rows at all = a sign of life: an intake that is silent for 90
   * seconds counts as given up.
   */
  add(rows: readonly NewBulkRow[]): Promise<void>;
  /**
   * Everything was received: from here on it runs, whatever dies. Rows that name a referral stand in their lanes when it resolves.
   * `inputDigest` identifies the whole input, for repeats under the same idempotency key.
   */
  commit(end: { readonly inputDigest: string; readonly columns: readonly string[] }): Promise<void>;
  /** Nothing of it will ever run. */
  discard(): Promise<void>;
}

/** Thrown by an intake that somebody else has taken over (same idempotency key) or that was discarded meanwhile. */
export class IntakeLostError extends Error {
  override readonly name = "IntakeLostError";
}

export type BeginResult =
  | { readonly kind: "open"; readonly intake: BulkIntake }
  /** The idempotency key was used before: the same bulk update if the input's digest is the same, an error if not. */
  | { readonly kind: "earlier"; readonly bulkUpdateId: string; readonly inputDigest: string };

export type BulkAction =
  | { readonly kind: "done"; readonly bulkUpdate: BulkUpdate }
  | { readonly kind: "unknown" }
  /** Not possible in its state; `message` says why. */
  | { readonly kind: "refused"; readonly message: string; readonly bulkUpdate: BulkUpdate };

export interface BulkUpdatePage {
  readonly bulkUpdates: readonly BulkUpdate[];
  readonly hasMore: boolean;
  readonly totalCount: number;
}

export interface RowPage {
  /** In row order. */
  readonly rows: readonly ReferralUpdate[];
  readonly hasMore: boolean;
  /** Rows in the state asked for. */
  readonly totalCount: number;
}

/** Bulk updates as callers meet them: taken in, looked at, steered. Every call but an intake's answers or fails within 2 s. */
export interface BulkUpdates {
  begin(bulkUpdate: NewBulkUpdate): Promise<BeginResult>;
  get(id: string): Promise<BulkUpdate | undefined>;
  /** Newest first, after the one named `after`. Throws UnknownCursorError when there is none. */
  list(first: number, after?: string): Promise<BulkUpdatePage>;
  /** Those with rows that are not final, oldest first; also PAUSED and CANCELLED ones, none that is INGESTING. */
  active(): Promise<BulkUpdate[]>;
  /** Rows after row number `afterRow` (0 = from the start), with `state` only those that are in it now. */
  rows(
    id: string,
    page: { readonly first: number; readonly afterRow?: number; readonly state?: UpdateState },
  ): Promise<RowPage>;
  /** `by` stands in the reason. */
  pause(id: string, by: string): Promise<BulkAction>;
  resume(id: string): Promise<BulkAction>;
  cancel(id: string): Promise<BulkAction>;
  /** Queues its FAILED rows again, in place, except those that hold nothing that could be sent. */
  retry(id: string): Promise<BulkAction>;
}
