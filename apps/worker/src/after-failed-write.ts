import {
  CallAbortedError,
  type PartnerCenterError,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import { isInsert } from "@patchlane/referral-patch";
import type { Attempt, ReferralUpdate, UpdateFailure, UpdateStep } from "@patchlane/update-queue";
import { MOST_REBASES, rebaseDelayMs } from "./back-off.ts";
import { inDoubt, needsState } from "./decide.ts";
import type { PlannedWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { forget, priorityOf, readNow } from "./read-state.ts";
import { halfOf, refuseTogether } from "./refused-together.ts";
import {
  afterFailedRead,
  type CallFailure,
  isLastTry,
  noteAnswer,
  signInFailed,
  tokenRefused,
  tryAgainLater,
} from "./trouble.ts";
import { failureOf, refusalOf } from "./upstream-failure.ts";

/** A write that failed, and whether it was put on record before. */
interface FailedWrite {
  readonly write: PlannedWrite;
  readonly updates: readonly ReferralUpdate[];
  readonly attempt: Attempt;
  readonly isBegun: boolean;
}

/** Writes down what a failed write means for its updates, and says how the lane goes on. */
export async function afterFailedWrite(
  step: LaneStep,
  write: PlannedWrite,
  attempt: Attempt,
  isBegun: boolean,
  error: CallFailure,
): Promise<StepEnd> {
  const updates = write.parts.map(({ update }) => update);
  const failed: FailedWrite = { write, updates, attempt, isBegun };
  if (error instanceof CallAbortedError) {
    await back(step, failed, { isAttemptFree: true });
    return { kind: "handedBack" };
  }
  if (error instanceof TokenUnavailableError) {
    await back(step, failed, { isAttemptFree: true });
    return signInFailed(step, error);
  }
  step.edges.log.warn(
    {
      referralId: step.lease.referralId,
      updateIds: attempt.updateIds,
      kind: error.kind,
      status: error.status,
      code: error.code,
      requestId: attempt.requestId,
      clientRequestId: error.clientRequestId,
    },
    "write failed",
  );
  await noteAnswer(step, error);
  switch (error.kind) {
    case "throttled":
      await back(step, failed, { isAttemptFree: true });
      return { kind: "goOn" };
    case "unauthorized":
      await back(step, failed, { isAttemptFree: true });
      return tokenRefused(step);
    case "conflict":
      return afterConflict(step, failed, error);
    case "rejected":
      return afterRefusal(step, failed, error);
    case "forbidden":
      return afterDenial(
        step,
        failed,
        failureOf("ACCESS_DENIED", "the signed-in user may not change this referral", error),
      );
    case "gone":
      await forget(step);
      return afterDenial(
        step,
        failed,
        failureOf("REFERRAL_NOT_FOUND", "there is no such referral", error),
      );
    case "unknownOutcome":
      return tryAgainLater(step, asSending(updates), error);
    default:
      return afterTrouble(step, failed, error);
  }
}

/** Puts the updates back to their places. */
async function back(
  step: LaneStep,
  { updates, isBegun }: FailedWrite,
  more: Pick<UpdateStep, "isAttemptFree" | "rebases">,
): Promise<void> {
  if (isBegun) {
    await step.lease.settle(
      updates.map(({ id }) => ({ id, state: "QUEUED", ...more })),
      true,
    );
  }
}

/** What is about the referral, or the only update, ends them all. */
async function fail(
  step: LaneStep,
  { write, attempt, isBegun }: FailedWrite,
  failure: UpdateFailure,
): Promise<StepEnd> {
  const { clientRequestId } = failure;
  await step.lease.settle(
    write.parts.map(({ update, patch }) => ({
      id: update.id,
      state: "FAILED",
      error: inDoubt(update, failure),
      ...(clientRequestId === undefined ? {} : { clientRequestId }),
      ...(attempt.etagBefore === undefined ? {} : { etagBefore: attempt.etagBefore }),
      ...(patch === update.patch ? {} : { sent: patch }),
      mergedWith: attempt.updateIds.filter((id) => id !== update.id),
    })),
    isBegun,
  );
  return { kind: "goOn" };
}

/** Updates in a row that were denied each on its own, after which the rest is not asked for one by one. */
const MOST_DENIED = 3;

/**
 * A no to the whole referral, as far as the documents say. Of several, one alone may be why: they are split, unless the
 * referral may not be read either, or a few in a row were denied alone.
 */
async function afterDenial(
  step: LaneStep,
  failed: FailedWrite,
  failure: UpdateFailure,
): Promise<StepEnd> {
  const { memory, lease } = step;
  const { updates, isBegun } = failed;
  if (updates.length === 1) {
    memory.deniedInARow += 1;
    return fail(step, failed, failure);
  }
  if (memory.deniedInARow >= MOST_DENIED) {
    return fail(step, failed, failure);
  }
  const foldLimit = halfOf(updates.length);
  await lease.settle(
    updates.map(({ id }) => ({ id, state: "QUEUED", foldLimit })),
    isBegun,
  );
  if (memory.isReadable) {
    return { kind: "goOn" };
  }
  try {
    await readNow(step, priorityOf(updates));
    memory.isReadable = true;
    return { kind: "goOn" };
  } catch (error) {
    return afterFailedRead(step, updates, error, { isDenied: true });
  }
}

/** The write may have had its effect: it stays on record, and the next look establishes its outcome. */
function asSending(updates: readonly ReferralUpdate[]): ReferralUpdate[] {
  return updates.map((update) => ({ ...update, state: "SENDING" }));
}

function asQueued(updates: readonly ReferralUpdate[]): ReferralUpdate[] {
  return updates.map((update) => ({ ...update, state: "QUEUED" }));
}

/** The upstream failed; it may have done the write all the same. */
async function afterTrouble(
  step: LaneStep,
  failed: FailedWrite,
  error: PartnerCenterError,
): Promise<StepEnd> {
  const { updates, attempt, isBegun } = failed;
  if (!error.isEffectUncertain) {
    await back(step, failed, { isAttemptFree: !error.wasSent });
    return tryAgainLater(step, asQueued(updates), error);
  }
  if (isRepeatable(attempt) && !updates.some(isLastTry)) {
    // It can simply be sent again, but not be taken back meanwhile: it may be upstream already, and what was known of
    // the referral may be out of date.
    await forget(step);
    await step.lease.settle(
      updates.map(({ id }) => ({ id, state: "SENDING", isInDoubt: true })),
      isBegun,
    );
  }
  return tryAgainLater(step, asSending(updates), error);
}

/** Refused for good, unless the patch was built blind and the referral's state leads to another one. */
async function afterRefusal(
  step: LaneStep,
  failed: FailedWrite,
  error: PartnerCenterError,
): Promise<StepEnd> {
  const { updates, write, attempt, isBegun } = failed;
  const touchesStatus = attempt.patch.some(({ path }) => /^\/(sub)?status$/.test(path));
  const failure = refusalOf(error, touchesStatus);
  if (!mayPassWithState(step, updates, error)) {
    return refuseTogether(step, write, failure, isBegun);
  }
  for (const { id } of updates) {
    step.memory.refusedBlind.set(id, { patch: attempt.patch, failure });
  }
  await back(step, failed, {});
  return { kind: "goOn" };
}

/** Somebody else wrote first: the caller's own pin fails, a state read by us is read again. */
async function afterConflict(
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
    return (await readNow(step, priorityOf(updates))).state.etag;
  } catch {
    return undefined;
  }
}

/** A patch built blind says `replace` where the referral may need `add`: worth one look at its state. */
function mayPassWithState(
  { memory }: LaneStep,
  updates: readonly ReferralUpdate[],
  { status }: PartnerCenterError,
): boolean {
  return (
    (status === 400 || status === 422) &&
    updates.some(({ intent }) => intent.changes !== undefined) &&
    !updates.some((update) => needsState(update) || memory.refusedBlind.has(update.id))
  );
}

/** Sending it twice is as good as once, and no later state can be overwritten that it did not overwrite already. */
function isRepeatable(attempt: Attempt): boolean {
  return attempt.ifMatch === undefined && !attempt.patch.some(isInsert);
}
