import { applyPatch, mergePatches, type PatchOperation } from "@patchlane/referral-patch";
import type { KnownState, ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";
import { changesStatus, decide, needsState } from "./decide.ts";

/*
 * Which of a lane's pending updates leave as one PATCH.
 *
 * Updates are taken from the head of the lane as long as they fit: each is decided on the referral as it will be
 * after those before it, and merged with them. The first that does not fit ends the batch and waits for the next write:
 * a second status change, a pinned ETag, one whose validity hangs on a write that is not made yet.
 */

/** One update's own operations within a batch; none when those before it already do what it wants. */
export interface PlannedPart {
  readonly update: ReferralUpdate;
  readonly patch: readonly PatchOperation[];
}

/** What leaves as one PATCH. */
export interface PlannedWrite {
  readonly parts: readonly [PlannedPart, ...PlannedPart[]];
  readonly patch: readonly PatchOperation[];
  readonly ifMatch?: string;
}

export interface Plan {
  /** Will never be written, each with its own reason. */
  readonly failures: readonly { readonly update: ReferralUpdate; readonly error: UpdateFailure }[];
  /** The referral already is as they want it. */
  readonly unchanged: readonly ReferralUpdate[];
  readonly write: PlannedWrite | undefined;
}

/**
 * The updates that may travel with the first one, as far as can be told without a state. What may have been written
 * before travels with nothing else: seen upstream, it would say nothing about its companions.
 */
export function companions(pending: readonly ReferralUpdate[]): readonly ReferralUpdate[] {
  const [first] = pending;
  if (first === undefined || first.ifMatch !== undefined) {
    return pending.slice(0, 1);
  }
  let most = Number.POSITIVE_INFINITY;
  let hasStatus = false;
  for (const [index, update] of pending.entries()) {
    most = Math.min(most, update.foldLimit ?? most);
    const staysBehind =
      index + 1 > most ||
      update.ifMatch !== undefined ||
      update.resendAs !== first.resendAs ||
      update.isInDoubt !== first.isInDoubt ||
      (hasStatus && changesStatus(update));
    if (index > 0 && staysBehind) {
      return pending.slice(0, index);
    }
    hasStatus ||= changesStatus(update);
  }
  return pending;
}

/**
 * Plans the next write of a lane. Without a state the plan ends at the first update that needs one. Failures and
 * `unchanged` are as true as the state is: settle them only on a fresh one.
 */
export function planWrite(
  candidates: readonly ReferralUpdate[],
  state: KnownState | undefined,
): Plan {
  const failures: { update: ReferralUpdate; error: UpdateFailure }[] = [];
  const unchanged: ReferralUpdate[] = [];
  const parts: PlannedPart[] = [];
  let patch: readonly PatchOperation[] = [];
  let expected = state;
  /** What the referral may be left at, when not all of those before it are applied. */
  const earlier: (KnownState | undefined)[] = [];
  for (const update of candidates) {
    if (state === undefined && needsState(update) && parts.length > 0) {
      break;
    }
    const decision = decide(update, expected);
    if (decision.kind === "fail") {
      if (earlier.some((each) => decide(update, each).kind !== "fail")) {
        break; // invalid only if those before it are applied: that is not known yet
      }
      failures.push({ update, error: decision.error });
      continue;
    }
    if (decision.kind === "unchanged") {
      if (parts.length === 0) {
        unchanged.push(update);
      } else {
        parts.push({ update, patch: [] });
      }
      continue;
    }
    const merged = parts.length === 0 ? decision : mergePatches(patch, decision.patch);
    if ("reason" in merged || (parts.length > 0 && merged.patch.length === 0)) {
      break;
    }
    const after = expected && afterPatch(expected, decision.patch);
    if (expected !== undefined && after === undefined && parts.length > 0) {
      break; // nobody can say what it comes to: the upstream's answer shall be its own
    }
    parts.push({ update, patch: decision.patch });
    earlier.push(expected);
    patch = merged.patch;
    if (expected !== undefined && after === undefined) {
      break;
    }
    expected = after;
  }
  const [first, ...others] = parts;
  const ifMatch = first?.update.ifMatch ?? state?.etag;
  return {
    failures,
    unchanged,
    write:
      first === undefined
        ? undefined
        : { parts: [first, ...others], patch, ...(ifMatch === undefined ? {} : { ifMatch }) },
  };
}

/** The referral as it will be; undefined when the patch does not apply to it. */
function afterPatch(state: KnownState, patch: readonly PatchOperation[]): KnownState | undefined {
  const applied = applyPatch(state.referral, patch);
  return applied.ok ? { ...state, referral: applied.referral } : undefined;
}
