import type { PatchOperation } from "@patchlane/referral-patch";
import type { Attempt, ReferralUpdate, UpdateStep } from "@patchlane/update-queue";

/**
 * What the record of an update tells of the write that settled it. `own` is what of the write was this update's,
 * undefined when that is not known.
 */
export function writeTrace(
  update: ReferralUpdate,
  attempt: Pick<Attempt, "updateIds" | "etagBefore">,
  own: readonly PatchOperation[] | undefined,
  clientRequestId: string | undefined,
): Pick<UpdateStep, "clientRequestId" | "etagBefore" | "mergedWith" | "sent"> {
  return {
    ...(clientRequestId === undefined ? {} : { clientRequestId }),
    ...(attempt.etagBefore === undefined ? {} : { etagBefore: attempt.etagBefore }),
    ...(own === undefined || own === update.patch ? {} : { sent: own }),
    mergedWith: attempt.updateIds.filter((id) => id !== update.id),
  };
}
