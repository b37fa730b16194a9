import type { Attempt, ReferralUpdate, UpdateFailure, UpdateStep } from "@patchlane/update-queue";
import { inDoubt } from "./decide.ts";
import type { PlannedWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { writeTrace } from "./write-trace.ts";

/** A write that failed, and whether it was put on record before. */
export interface FailedWrite {
  readonly write: PlannedWrite;
  readonly updates: readonly ReferralUpdate[];
  readonly attempt: Attempt;
  readonly isBegun: boolean;
}

/** Puts the updates back to their places. */
export async function back(
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
export async function fail(
  step: LaneStep,
  { write, attempt, isBegun }: FailedWrite,
  failure: UpdateFailure,
): Promise<StepEnd> {
  await step.lease.settle(
    write.parts.map(({ update, patch }) => ({
      id: update.id,
      state: "FAILED",
      error: inDoubt(update, failure),
      ...writeTrace(update, attempt, patch, failure.clientRequestId),
    })),
    isBegun,
  );
  return { kind: "goOn" };
}
