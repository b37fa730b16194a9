import type { PatchOperation, ReferralChanges } from "@patchlane/referral-patch";
import type { RowInput } from "./bulk-update.ts";
import type { SealedPayloadError } from "./payload-codec.ts";

/*
 * The life of a ReferralUpdate.
 *
 *   QUEUED     entered when the gateway accepts it (accept-update) and again when an attempt ended
 *              without effect and will be repeated (settle-updates). Left by the lane's owner
 *              (begin-attempt, settle-updates) or by a cancellation (take-back-update).
 *   SENDING    entered by the lane's owner right before a write (begin-attempt). An owner that finds an
 *              attempt on record without an outcome establishes the outcome first. Left by settle-updates.
 *   APPLIED    final: the upstream has it.
 *   UNCHANGED  final: the referral already was as the update wants it; nothing was written.
 *   FAILED     final: will never be written; `error` says why. Updates behind it go on.
 *   CANCELLED  final: taken back by a caller while QUEUED.
 *
 * Only the owner of the lane moves an update between states, except QUEUED -> CANCELLED.
 */
export type UpdateState = "QUEUED" | "SENDING" | "APPLIED" | "UNCHANGED" | "FAILED" | "CANCELLED";

export function isFinal(state: UpdateState): boolean {
  return state !== "QUEUED" && state !== "SENDING";
}

export type FailureCode =
  | "INVALID_CHANGE"
  | "INVALID_TRANSITION"
  | "CONFLICT"
  | "REFERRAL_NOT_FOUND"
  | "ACCESS_DENIED"
  | "UPSTREAM_UNAVAILABLE"
  | "OUTCOME_UNKNOWN"
  | "INTERNAL";

/** Why an update FAILED. `message` is for people and holds no personal data. */
export interface UpdateFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly path?: string;
  readonly upstreamStatus?: number;
  readonly upstreamCode?: string;
  readonly clientRequestId?: string;
}

/** What a caller wants: typed changes, or a raw patch. */
export type UpdateIntent =
  | { readonly changes: ReferralChanges; readonly patch?: undefined }
  | { readonly patch: readonly PatchOperation[]; readonly changes?: undefined };

export type UpdatePriority = "interactive" | "bulk";

/** What is accepted: one request for one referral, already checked. */
export interface NewReferralUpdate {
  readonly referralId: string;
  readonly intent: UpdateIntent;
  /** The operations as far as they are known without the referral's current state. */
  readonly patch: readonly PatchOperation[];
  readonly ifMatch?: string;
  readonly submittedBy: string;
  /** Same key and same input answer the same update. */
  readonly idempotencyKey?: string;
  /** Default `interactive`: never waits behind a bulk update's backlog. */
  readonly priority?: UpdatePriority;
  /** W3C `traceparent` its processing continues. Kept with what is sealed of it; never part of what makes two inputs the same. */
  readonly trace?: string;
}

export interface ReferralUpdate {
  readonly id: string;
  /** "" while it is not known: a row that names its referral by an external id which was not resolved (yet). */
  readonly referralId: string;
  readonly state: UpdateState;
  /** Set for a row of a bulk update. */
  readonly bulkUpdateId?: string;
  /** Its data row there, counted from 1. */
  readonly rowNumber?: number;
  /** The CRM's own id, when the row named its referral by that. */
  readonly externalReferenceId?: string;
  /** It ends UNCHANGED, without a write, when the referral already is as it says. */
  readonly skipUnchanged?: boolean;
  /** See {@link NewReferralUpdate.trace}. Rows have none: their bulk update has it, see `BulkWork.traceOf`. */
  readonly trace?: string;
  /** What came in, of a row that could not be used; `intent` is then empty changes. */
  readonly input?: RowInput;
  readonly intent: UpdateIntent;
  /** What was sent; before that, what is known so far of what will be. */
  readonly patch: readonly PatchOperation[];
  readonly ifMatch?: string;
  readonly error?: UpdateFailure;
  readonly submittedBy: string;
  /** Unix ms, Redis clock. */
  readonly submittedAt: number;
  readonly finishedAt?: number;
  /** Upstream writes tried for it; being throttled is not an attempt. */
  readonly attempts: number;
  /** Upstream failures held against it so far; decides the back-off, and when it is given up. */
  readonly troubles: number;
  /** Times somebody else wrote first; absent = never. */
  readonly rebases?: number;
  /** Others that left in the same PATCH. */
  readonly mergedWith: readonly string[];
  readonly priority: UpdatePriority;
  /** Most updates it may share a PATCH with, itself included; halved when a folded PATCH was refused. Absent = no limit. */
  readonly foldLimit?: number;
  /**
   * `request-id` of a write whose answer was lost and whose effect was not found: it is sent again under the same id,
   * together with the same updates (those with the same value) and no others.
   */
  readonly resendAs?: string;
  /** A write of it may have had its effect and been overwritten since: a refusal says nothing about that write. */
  readonly isInDoubt: boolean;
  /** `request-id` of its last upstream write. */
  readonly requestId?: string;
  /** `client-request-id` of the upstream call that settled it. */
  readonly clientRequestId?: string;
  /** The referral's ETag as last known before the write that settled it. */
  readonly etagBefore?: string;
  /** The referral's ETag after it was applied. */
  readonly etag?: string;
  /**
   * Set when what is sealed of it cannot be opened here (a ledger key is missing): `intent`, `patch`, `ifMatch`,
   * `submittedBy` and `error` then throw it; the rest can be read.
   */
  readonly unreadable?: SealedPayloadError;
}
