import type { PatchOperation } from "@patchlane/referral-patch";
import {
  type KnownState,
  type LaneJobEnd,
  type LaneLease,
  LaneLostError,
  MOST_PENDING_SHOWN,
  type ReferralUpdate,
  SealedPayloadError,
  type UpdateFailure,
} from "@patchlane/update-queue";
import { establishOutcome } from "./establish-outcome.ts";
import type { LaneEdges } from "./lane-edges.ts";
import { sendNext } from "./send-next.ts";
import { inLaneStep } from "./tracing-lanes.ts";
import { noteToken } from "./trouble.ts";

/** ms after which a lost lane is looked at again: its lease may have run out with nobody else taking it. */
const LOOK_AGAIN_MS = 500;

/** ms until a lane is looked at again whose next update cannot be opened here: another worker may have the key. */
const SEALED_RETRY_MS = 10_000;

/** What one step left to do: look at the lane again, or end this job. */
export type StepEnd = { readonly kind: "goOn" } | Exclude<LaneJobEnd, { kind: "done" }>;

/** A patch the upstream refused, and what is to be said if no other can be built. */
export interface RefusedPatch {
  readonly patch: readonly PatchOperation[];
  readonly failure: UpdateFailure;
}

/** What one job remembers about its lane between steps. */
export interface LaneMemory {
  /** Updates whose patch, built blind, was refused: it must be built from the referral's state. */
  readonly refusedBlind: Map<string, RefusedPatch>;
  /** What the upstream answered last in this job, while it counts as fresh. */
  lastSeen: { readonly state: KnownState; readonly at: number } | undefined;
  /** Updates that were denied the whole referral (403, 404), each on its own, since the last write that was accepted. */
  deniedInARow: number;
  /** Whether the referral could be read when writing it was denied. */
  isReadable: boolean;
  /** 401s since the last write that was accepted. */
  refusedTokens: number;
  /** The token the step under way began with. */
  token: string | undefined;
}

/** What a step works with. */
export interface LaneStep {
  readonly edges: LaneEdges;
  readonly lease: LaneLease;
  readonly memory: LaneMemory;
  /** Aborted when the worker stops or the lane is lost. */
  readonly signal: AbortSignal;
}

/** Steps one job makes before it lets other lanes have its place. */
const MOST_STEPS = 25;

/**
 * One lane job, from waking up to letting go: claim the lane; while anything is pending, first establish
 * what became of a write whose outcome nobody wrote down, then send what leaves next as one PATCH; give the lane up.
 * Nothing is written upstream or to the ledger without the lane's lease.
 */
export async function processLane(
  edges: LaneEdges,
  referralId: string,
  stopping: AbortSignal,
): Promise<LaneJobEnd> {
  if (stopping.aborted) {
    return { kind: "handedBack" };
  }
  const claim = await edges.lanes.claim(referralId);
  if (claim.kind === "empty") {
    return { kind: "done" };
  }
  if (claim.kind === "busy" || claim.kind === "resting") {
    return { kind: "later", delayMs: claim.retryInMs };
  }
  const { lease } = claim;
  const step: LaneStep = {
    edges,
    lease,
    memory: {
      refusedBlind: new Map(),
      lastSeen: undefined,
      deniedInARow: 0,
      isReadable: false,
      refusedTokens: 0,
      token: undefined,
    },
    signal: AbortSignal.any([stopping, lease.lost]),
  };
  try {
    for (let steps = 0; ; steps++) {
      if (steps === MOST_STEPS) {
        await lease.handBack(0);
        return { kind: "later", delayMs: 0 };
      }
      const view = await (steps === 0 ? lease.atClaim() : lease.look());
      if (view.kind === "empty") {
        return { kind: "done" };
      }
      const gatherMs = view.kind === "pending" ? leftToGather(view, edges.gatherMs) : 0;
      if (gatherMs > 0) {
        await lease.handBack(gatherMs);
        return { kind: "later", delayMs: gatherMs };
      }
      await noteToken(step);
      const end = await inLaneStep(lease.referralId, view, () =>
        view.kind === "interrupted"
          ? establishOutcome(step, view.attempt, view.pending)
          : sendNext(step, view),
      );
      if (end.kind !== "goOn") {
        await lease.handBack(end.kind === "later" ? end.delayMs : undefined);
        return end;
      }
      if (stopping.aborted) {
        await lease.handBack();
        return { kind: "handedBack" };
      }
    }
  } catch (error) {
    if (error instanceof LaneLostError) {
      await edges.lanes.rest(referralId, LOOK_AGAIN_MS);
      return { kind: "later", delayMs: LOOK_AGAIN_MS };
    }
    if (error instanceof SealedPayloadError) {
      await lease.handBack(SEALED_RETRY_MS);
      const fields = { referralId, reason: error.message, delayMs: SEALED_RETRY_MS };
      edges.log.warn(fields, "an update cannot be opened: its lane waits for the ledger key");
      return { kind: "later", delayMs: SEALED_RETRY_MS };
    }
    await lease.handBack();
    throw error;
  }
}

/** ms a lane still waits for more that may leave together; 0 once enough is there, or when Redis' clock was set back. */
function leftToGather(
  view: { readonly pending: readonly ReferralUpdate[]; readonly oldestForMs: number },
  gatherMs: number,
): number {
  const isFull = view.pending.length >= MOST_PENDING_SHOWN;
  return isFull || view.oldestForMs < 0 ? 0 : Math.max(0, Math.ceil(gatherMs - view.oldestForMs));
}
