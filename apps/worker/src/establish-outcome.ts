import { PartnerCenterError } from "@patchlane/partner-center";
import { isPatchInEffect } from "@patchlane/referral-patch";
import type { Attempt, ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";
import { MOST_TROUBLES } from "./back-off.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow, type SeenState } from "./read-state.ts";
import { afterFailedRead } from "./trouble.ts";
import { failureOf } from "./upstream-failure.ts";

/**
 * A write was begun and nobody knows what became of it: its answer was lost, or its worker. Reads the
 * referral and compares; only when the effect is not there may the updates be sent again.
 */
export async function establishOutcome(
  step: LaneStep,
  attempt: Attempt,
  pending: readonly ReferralUpdate[],
): Promise<StepEnd> {
  const { edges, lease, signal } = step;
  const updates = pending.filter(({ id }) => attempt.updateIds.includes(id));
  const [first] = updates;
  if (first === undefined) {
    await lease.settle([], true);
    return { kind: "goOn" };
  }
  let seen: SeenState;
  try {
    seen = await readNow(edges, lease.referralId, signal);
  } catch (error) {
    if (error instanceof PartnerCenterError && cannotBeEstablished(first, error)) {
      const failure = failureOf(
        "OUTCOME_UNKNOWN",
        "the answer was lost and the referral cannot be read",
        error,
      );
      await lease.settle(
        updates.map(({ id }) => ({ id, state: "FAILED", error: failure, sent: attempt.patch })),
        true,
      );
      return { kind: "goOn" };
    }
    return afterFailedRead(step, first, error);
  }
  const isUntouched = attempt.ifMatch !== undefined && seen.state.etag === attempt.ifMatch;
  if (!isUntouched && isPatchInEffect(attempt.patch, seen.state.referral)) {
    await lease.settle(
      updates.map((update) => ({
        id: update.id,
        state: "APPLIED",
        sent: attempt.patch,
        ...(seen.state.etag === undefined ? {} : { etag: seen.state.etag }),
      })),
      true,
    );
    edges.log.info(
      {
        referralId: lease.referralId,
        updateIds: attempt.updateIds,
        state: "APPLIED",
        requestId: attempt.requestId,
      },
      "update found applied after a lost answer",
    );
    return { kind: "goOn" };
  }
  await lease.settle(
    updates.map(({ id, troubles }) =>
      troubles >= MOST_TROUBLES
        ? { id, state: "FAILED", error: withoutEffect(troubles) }
        : { id, state: "QUEUED", resendAs: attempt.requestId },
    ),
    true,
  );
  return { kind: "goOn" };
}

function withoutEffect(tries: number): UpdateFailure {
  return {
    code: "UPSTREAM_UNAVAILABLE",
    message: `gave up after ${tries} failed tries; the referral was read and has nothing of them`,
  };
}

/** Reading is refused for good, or keeps failing for this referral alone. */
function cannotBeEstablished(update: ReferralUpdate, error: PartnerCenterError): boolean {
  const isRefused = error.kind === "forbidden" || error.kind === "rejected";
  const keepsFailing = error.kind === "transient" || error.kind === "protocol";
  return isRefused || (keepsFailing && update.troubles + 1 >= MOST_TROUBLES);
}
