import { activeSpan, startSpan } from "@patchlane/service-kit";
import type { ReferralUpdate } from "@patchlane/update-queue";

/** Tells in an update's own trace that it was taken back, linked with the request that did it. */
export function tellCancelled({ id, referralId, state, trace }: ReferralUpdate): void {
  const here = activeSpan();
  const facts = {
    "patchlane.update.id": id,
    "patchlane.referral.id": referralId,
    "patchlane.update.state": state,
  };
  here.set(facts);
  if (trace !== undefined) {
    const there = startSpan("update settled", facts, { parent: trace, links: [here.traceparent] });
    there.end();
    here.link(there.traceparent);
  }
}
