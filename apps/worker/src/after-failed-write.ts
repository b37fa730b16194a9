import {
  CallAbortedError,
  type PartnerCenterError,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import { isInsert } from "@patchlane/referral-patch";
import type { Attempt, ReferralUpdate } from "@patchlane/update-queue";
import { afterConflict } from "./after-conflict.ts";
import { afterDenial, afterRefusal } from "./after-refusal.ts";
import { back, type FailedWrite } from "./failed-write.ts";
import type { PlannedWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { forget } from "./read-state.ts";
import {
  type CallFailure,
  isLastTry,
  noteAnswer,
  signInFailed,
  tokenRefused,
  tryAgainLater,
} from "./trouble.ts";
import { failureOf } from "./upstream-failure.ts";

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

/** Sending it twice is as good as once, and no later state can be overwritten that it did not overwrite already. */
function isRepeatable(attempt: Attempt): boolean {
  return attempt.ifMatch === undefined && !attempt.patch.some(isInsert);
}
