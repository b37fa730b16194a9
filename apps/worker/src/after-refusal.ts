import type { PartnerCenterError } from "@patchlane/partner-center";
import type { ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";
import { needsState } from "./decide.ts";
import { back, type FailedWrite, fail } from "./failed-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow } from "./read-state.ts";
import { halfOf, refuseTogether } from "./refused-together.ts";
import { afterFailedRead } from "./trouble.ts";
import { refusalOf } from "./upstream-failure.ts";

/** Refused for good, unless the patch was built blind and the referral's state leads to another one. */
export async function afterRefusal(
  step: LaneStep,
  failed: FailedWrite,
  error: PartnerCenterError,
): Promise<StepEnd> {
  const { updates, write, attempt, isBegun } = failed;
  const touchesStatus = attempt.patch.some(({ path }) => /^\/(sub)?status$/.test(path));
  const failure = refusalOf(error, touchesStatus);
  if (!mayPassWithState(step, updates, error)) {
    return refuseTogether(step, write, failure, isBegun ? attempt : undefined);
  }
  for (const { id } of updates) {
    step.memory.refusedBlind.set(id, { patch: attempt.patch, failure });
  }
  await back(step, failed, {});
  return { kind: "goOn" };
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

/** Updates in a row that were denied each on its own, after which the rest is not asked for one by one. */
const MOST_DENIED = 3;

/**
 * A no to the whole referral, as far as the documents say. Of several, one alone may be why: they are split, unless the
 * referral may not be read either, or a few in a row were denied alone.
 */
export async function afterDenial(
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
    await readNow(step, updates);
    memory.isReadable = true;
    return { kind: "goOn" };
  } catch (error) {
    return afterFailedRead(step, updates, error, { isDenied: true });
  }
}
