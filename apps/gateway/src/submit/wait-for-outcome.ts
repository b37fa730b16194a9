import {
  isFinal,
  type NewReferralUpdate,
  type ReferralUpdate,
  type UpdateQueue,
} from "@patchlane/update-queue";
import type { Services } from "../services.ts";

/** ms between looks at the ledger while waiting: an event lost with a connection is made good for. */
const LOOK_EVERY_MS = 1_000;

/**
 * Waits until an accepted update is final, at most `waitMs`; ends early when the upstream is known to be
 * away, since then nothing can be expected. Never fails: what was accepted is answered as accepted.
 */
export async function waitForOutcome(
  { queue, stopping }: Pick<Services, "queue" | "stopping">,
  accepted: { readonly id: string; readonly isReplay: boolean },
  submitted: NewReferralUpdate,
  waitMs: number,
): Promise<ReferralUpdate> {
  const deadline = performance.now() + waitMs;
  let latest = accepted.isReplay ? undefined : asAccepted(accepted.id, submitted);
  let isFirst = true;
  for (;;) {
    const leftMs = deadline - performance.now();
    if ((leftMs <= 0 || stopping?.aborted) && latest !== undefined) {
      return latest;
    }
    // Listen first, look second: nothing can happen unseen in between.
    const change = queue.events.untilFinal(
      accepted.id,
      Math.max(0, Math.min(leftMs, LOOK_EVERY_MS)),
      stopping,
    );
    if (!isFirst || accepted.isReplay || leftMs > 0) {
      latest = (await lookUp(queue, accepted.id)) ?? latest;
    }
    if (latest !== undefined && isFinal(latest.state)) {
      return latest;
    }
    if (!isFirst && (await isPointless(queue, leftMs))) {
      return latest ?? asAccepted(accepted.id, submitted);
    }
    isFirst = false;
    if (await change) {
      return (await lookUp(queue, accepted.id)) ?? latest ?? asAccepted(accepted.id, submitted);
    }
    latest ??= asAccepted(accepted.id, submitted);
  }
}

async function lookUp(queue: UpdateQueue, id: string): Promise<ReferralUpdate | undefined> {
  return await queue.ledger.get(id).catch(() => undefined);
}

/** Nothing can be expected in the time left: waiting longer only keeps the caller. */
async function isPointless(queue: UpdateQueue, leftMs: number): Promise<boolean> {
  try {
    const [{ pausedReason, isDown }, { closedForMs }] = await Promise.all([
      queue.account.get(),
      queue.budget.status(),
    ]);
    return pausedReason !== undefined || isDown || closedForMs > leftMs;
  } catch {
    return true;
  }
}

/** What is known of an update right after it was accepted, without asking Redis again. */
function asAccepted(id: string, submitted: NewReferralUpdate): ReferralUpdate {
  return {
    id,
    referralId: submitted.referralId,
    state: "QUEUED",
    intent: submitted.intent,
    patch: submitted.patch,
    ...(submitted.ifMatch === undefined ? {} : { ifMatch: submitted.ifMatch }),
    submittedBy: submitted.submittedBy,
    submittedAt: Date.now(),
    attempts: 0,
    troubles: 0,
    mergedWith: [],
    priority: submitted.priority ?? "interactive",
    isInDoubt: false,
  };
}
