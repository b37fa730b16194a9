import {
  CallAbortedError,
  type PartnerCenterError,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import { isInsert } from "@patchlane/referral-patch";
import type { Attempt, ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";
import { MOST_REBASES, rebaseDelayMs } from "./back-off.ts";
import { needsState } from "./decide.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow } from "./read-state.ts";
import {
  type CallFailure,
  isLastTry,
  noteAnswer,
  signInFailed,
  tokenRefused,
  tryAgainLater,
} from "./trouble.ts";
import { failureOf, refusalOf } from "./upstream-failure.ts";

/** Puts the update back to its place; the attempt it was in does not count when nothing came of it. */
type BackToQueue = (isAttemptFree: boolean, more?: { rebases: number }) => Promise<void>;

/** Writes down what a failed write means for its update, and says how the lane goes on. */
export async function afterFailedWrite(
  step: LaneStep,
  update: ReferralUpdate,
  attempt: Attempt,
  isBegun: boolean,
  error: CallFailure,
): Promise<StepEnd> {
  const back: BackToQueue = (isAttemptFree, more) =>
    isBegun
      ? step.lease.settle([{ id: update.id, state: "QUEUED", isAttemptFree, ...more }], true)
      : Promise.resolve();
  const fail = async (failure: UpdateFailure): Promise<StepEnd> => {
    const { clientRequestId } = failure;
    const ids = clientRequestId === undefined ? {} : { clientRequestId };
    const sent = attempt.patch === update.patch ? {} : { sent: attempt.patch };
    await step.lease.settle(
      [{ id: update.id, state: "FAILED", error: failure, ...ids, ...sent }],
      isBegun,
    );
    return { kind: "goOn" };
  };

  if (error instanceof CallAbortedError) {
    await back(true);
    return { kind: "handedBack" };
  }
  if (error instanceof TokenUnavailableError) {
    await back(true);
    return signInFailed(step, error);
  }
  step.edges.log.warn(
    {
      referralId: update.referralId,
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
      await back(true);
      return { kind: "goOn" };
    case "unauthorized":
      await back(true);
      return tokenRefused(step);
    case "conflict":
      return afterConflict(step, update, error, back, fail);
    case "rejected":
      return afterRefusal(step, update, attempt, error, back, fail);
    case "forbidden":
      return fail(
        failureOf("ACCESS_DENIED", "the signed-in user may not change this referral", error),
      );
    case "gone":
      await step.edges.known.forget(update.referralId);
      return fail(failureOf("REFERRAL_NOT_FOUND", "there is no such referral", error));
    case "unknownOutcome":
      return leaveOnRecord(step, update, error);
    default:
      if (error.isEffectUncertain && (!isRepeatable(attempt) || isLastTry(update))) {
        return leaveOnRecord(step, update, error);
      }
      if (error.isEffectUncertain) {
        // It can simply be sent again, but not be taken back meanwhile: it may be upstream already.
        await step.lease.settle([{ id: update.id, state: "SENDING" }], isBegun);
        return tryAgainLater(step, { ...update, state: "SENDING" }, error);
      }
      await back(!error.wasSent);
      return tryAgainLater(step, update, error);
  }
}

/** The write may have had its effect: the attempt stays on record, and the next look establishes its outcome. */
function leaveOnRecord(
  step: LaneStep,
  update: ReferralUpdate,
  error: PartnerCenterError,
): Promise<StepEnd> {
  return tryAgainLater(step, { ...update, state: "SENDING" }, error);
}

/** Refused for good, unless the patch was built blind and the referral's state leads to another one. */
async function afterRefusal(
  step: LaneStep,
  update: ReferralUpdate,
  attempt: Attempt,
  error: PartnerCenterError,
  back: BackToQueue,
  fail: (failure: UpdateFailure) => Promise<StepEnd>,
): Promise<StepEnd> {
  const touchesStatus = attempt.patch.some(({ path }) => /^\/(sub)?status$/.test(path));
  const failure = refusalOf(error, touchesStatus);
  if (!mayPassWithState(step, update, error)) {
    return fail(failure);
  }
  step.memory.refusedBlind.set(update.id, { patch: attempt.patch, failure });
  await back(false);
  return { kind: "goOn" };
}

/** Somebody else wrote first: the caller's own pin fails, a state read by us is read again. */
async function afterConflict(
  step: LaneStep,
  update: ReferralUpdate,
  error: PartnerCenterError,
  back: BackToQueue,
  fail: (failure: UpdateFailure) => Promise<StepEnd>,
): Promise<StepEnd> {
  const { edges } = step;
  await edges.known.forget(update.referralId);
  if (update.ifMatch !== undefined) {
    const current = error.etag ?? (await currentETag(step, update.referralId));
    return fail(
      failureOf(
        "CONFLICT",
        `pinned ETag ${update.ifMatch} is no longer current; current is ${current ?? "not known"}`,
        error,
      ),
    );
  }
  const rebases = (update.rebases ?? 0) + 1;
  if (rebases >= MOST_REBASES) {
    return fail(
      failureOf("CONFLICT", `somebody else wrote first ${MOST_REBASES} times in a row`, error),
    );
  }
  await back(false, { rebases });
  return rebases === 1
    ? { kind: "goOn" }
    : { kind: "later", delayMs: rebaseDelayMs(rebases - 1, edges.random) };
}

/** For the caller whose pin failed; not worth another try when it cannot be had. */
async function currentETag(
  { edges, signal }: LaneStep,
  referralId: string,
): Promise<string | undefined> {
  try {
    return (await readNow(edges, referralId, signal)).state.etag;
  } catch {
    return undefined;
  }
}

/** A patch built blind says `replace` where the referral may need `add`: worth one look at its state. */
function mayPassWithState(
  { memory }: LaneStep,
  update: ReferralUpdate,
  { status }: PartnerCenterError,
): boolean {
  return (
    (status === 400 || status === 422) &&
    update.intent.changes !== undefined &&
    !needsState(update) &&
    !memory.refusedBlind.has(update.id)
  );
}

/** Sending it twice is as good as once, and no later state can be overwritten that it did not overwrite already. */
function isRepeatable(attempt: Attempt): boolean {
  return attempt.ifMatch === undefined && !attempt.patch.some(isInsert);
}
