import { inSpan } from "@patchlane/service-kit";
import type { AcceptResult, NewReferralUpdate, UpdateQueue } from "@patchlane/update-queue";

/** Accepts an update; its processing continues the trace from here, when there is one that is recorded. */
export function acceptInSpan(
  { ledger }: Pick<UpdateQueue, "ledger">,
  update: NewReferralUpdate,
): Promise<AcceptResult> {
  return inSpan(
    "accept update",
    {
      "patchlane.referral.id": update.referralId,
      "patchlane.operations": update.patch.length,
    },
    async (span) => {
      const { traceparent: trace } = span;
      const result = await ledger.accept(trace === undefined ? update : { ...update, trace });
      span.set(
        result.ok
          ? {
              "patchlane.update.id": result.id,
              "patchlane.outcome": result.isReplay ? "replayed" : "accepted",
            }
          : { "patchlane.outcome": result.reason },
      );
      return result;
    },
    { kind: "producer" },
  );
}
