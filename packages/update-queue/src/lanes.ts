import type { PatchOperation } from "@patchlane/referral-patch";
import type { ReferralUpdate } from "./referral-update.ts";
import type { UpdateStep } from "./update-record.ts";

/*
 * A lane is the FIFO of one referral's pending updates.
 *
 *   idle      no pending updates, no owner, no key left but the history.
 *   waiting   pending updates, no owner: a wake-up is due (or the sweep sends one).
 *   resting   waiting, and nobody may claim it before its time, on Redis' clock; then it is woken. Entered
 *             when its owner gives it up for a while, in the same step.
 *   owned     one worker has claimed it for a lease and renews it; only this owner moves its updates.
 *   sending   owned, and an attempt is on record: a write may be under way.
 *   orphaned  the lease ran out (its owner died or was paused). The next claim owns it; if an attempt is
 *             on record its outcome is established first. The former owner's token opens nothing any more.
 */

/** ms a lane may rest. A time further ahead means that Redis' host set its clock back: it counts as come. */
export const LONGEST_REST_MS = 60_000;

/** One upstream write, put on record before it is made. */
export interface Attempt {
  readonly updateIds: readonly string[];
  readonly patch: readonly PatchOperation[];
  /** What of it each update wanted, in their order; left out when there is one. Empty = those before it did that already. */
  readonly parts?: readonly (readonly PatchOperation[])[];
  readonly ifMatch?: string;
  /** `request-id`: a new one, or that of the write whose answer was lost. */
  readonly requestId: string;
  /** `client-request-id`: new for every call. */
  readonly clientRequestId: string;
  /** The referral's ETag as last known before the write. */
  readonly etagBefore?: string;
}

export type ClaimResult =
  | { readonly kind: "claimed"; readonly lease: LaneLease }
  | { readonly kind: "empty" }
  /** Somebody else owns it, for at most `retryInMs` unless renewed. */
  | { readonly kind: "busy"; readonly retryInMs: number }
  /** It is to be looked at again in `retryInMs`, not before. Busy or resting, it is woken then by itself. */
  | { readonly kind: "resting"; readonly retryInMs: number };

export type LaneView =
  /** Nothing left: the lane has been given up. */
  | { readonly kind: "empty" }
  | {
      readonly kind: "pending";
      readonly pending: readonly ReferralUpdate[];
      /** ms since the oldest of them was accepted, by Redis' clock. */
      readonly oldestForMs: number;
      /** The referral's ETag as far as anybody knows it; undefined when nobody does. */
      readonly knownEtag: string | undefined;
    }
  /** A write was begun and its outcome never written down. */
  | {
      readonly kind: "interrupted";
      readonly attempt: Attempt;
      readonly pending: readonly ReferralUpdate[];
    };

export interface Lanes {
  claim(referralId: string): Promise<ClaimResult>;
  /** Has a lane nobody here owns looked at again in a while; an earlier decision of that kind stays. */
  rest(referralId: string, restMs: number): Promise<void>;
}

/** Thrown when a lease turns out to be another worker's: stop at once and touch nothing. */
export class LaneLostError extends Error {
  override readonly name = "LaneLostError";
}

/** What the owner of a lane may do. Every method throws {@link LaneLostError} when the lane was lost. */
export interface LaneLease {
  readonly referralId: string;
  /** Aborted when the lane is lost. */
  readonly lost: AbortSignal;
  /**
   * What is pending now, oldest first, up to the first update that cannot be opened here. `empty` gives the lane up in
   * the same step. Throws `SealedPayloadError` when nothing can be done without a ledger key this process lacks.
   */
  look(): Promise<LaneView>;
  /** As {@link look}, of the moment the lane was claimed: the claim's answer had it, so Redis is not asked. */
  atClaim(): Promise<LaneView>;
  /**
   * The fence: puts an attempt on record right before its write. `more`, with nothing put on record, when by now more than
   * `mostSeen` updates are pending, so that they can be taken along; `changed` when one of the attempt's was cancelled.
   */
  begin(attempt: Attempt, mostSeen?: number): Promise<"begun" | "changed" | "more">;
  /** Throws unless enough of the lease is certainly left to make a write. No I/O. */
  assertOwned(): void;
  /**
   * Writes down what became of updates; `isAttemptOver` takes the attempt off the record. When nothing is left the lane is given
   * up in the same step, and the next look says so.
   */
  settle(steps: readonly UpdateStep[], isAttemptOver: boolean): Promise<void>;
  /**
   * Gives the lane up with updates still pending. With `restMs` (at most {@link LONGEST_REST_MS}) it rests for
   * so long and is woken then, after 0 ms behind the lanes that wait by then; without, somebody must be going
   * to wake it.
   */
  handBack(restMs?: number): Promise<void>;
}
