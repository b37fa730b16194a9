import type { PartnerCenterError } from "@patchlane/partner-center";
import type { ReferralUpdate } from "@patchlane/update-queue";
import { MOST_REBASES, rebaseDelayMs } from "./back-off.ts";
import { inDoubt, needsState } from "./decide.ts";
import { type FailedWrite, fail } from "./failed-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { forget, readNow } from "./read-state.ts";
import { failureOf } from "./upstream-failure.ts";

/** Somebody else wrote first: the caller's own pin fails, a state read by us is read again. */
export async function afterConflict(
  step: LaneStep,
  failed: FailedWrite,
  error: PartnerCenterError,
): Promise<StepEnd> {
  const { edges } = step;
  const { updates } = failed;
  await forget(step);
  const pinned = updates.find(({ ifMatch }) => ifMatch !== undefined)?.ifMatch;
  if (pinned !== undefined) {
    const current = error.etag ?? (await currentETag(step, updates));
    const words = `pinned ETag ${pinned} is no longer current; current is ${current ?? "not known"}`;
    return fail(step, failed, failureOf("CONFLICT", words, error));
  }
  edges.meters.count("repeats", { reason: "conflict" });
  // Only what needs the state is guarded for its own sake; the others have merely travelled with it.
  const guarded = (update: ReferralUpdate) =>
    updates.length === 1 || needsState(update) || step.memory.refusedBlind.has(update.id);
  const rebasesOf = (update: ReferralUpdate) => (update.rebases ?? 0) + (guarded(update) ? 1 : 0);
  const words = `somebody else wrote first ${MOST_REBASES} times in a row`;
  const conflict = failureOf("CONFLICT", words, error);
  await step.lease.settle(
    updates.map((update) =>
      rebasesOf(update) >= MOST_REBASES
        ? { id: update.id, state: "FAILED", error: inDoubt(update, conflict) }
        : { id: update.id, state: "QUEUED", rebases: rebasesOf(update) },
    ),
    failed.isBegun,
  );
  const rebases = Math.max(...updates.map(rebasesOf));
  return rebases === 1
    ? { kind: "goOn" }
    : { kind: "later", delayMs: rebaseDelayMs(rebases - 1, edges.random) };
}

/** For the caller whose pin failed; not worth another try when it cannot be had. */
async function currentETag(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
): Promise<string | undefined> {
  try {
    return (await readNow(step, updates)).state.etag;
  } catch {
    return undefined;
  }
}
