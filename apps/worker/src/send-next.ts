import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  CallAbortedError,
  PartnerCenterError,
  type PatchAnswer,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import type { Attempt, ReferralUpdate } from "@patchlane/update-queue";
import { afterFailedWrite } from "./after-failed-write.ts";
import { type Decision, decide, needsState } from "./decide.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow, recall } from "./read-state.ts";
import { afterFailedRead } from "./trouble.ts";

/** Takes the next update of a lane as far as it goes: decided, sent, written down. */
export async function sendNext(
  step: LaneStep,
  pending: readonly ReferralUpdate[],
): Promise<StepEnd> {
  const [update] = pending;
  if (update === undefined) {
    return { kind: "goOn" };
  }
  let decision: Decision;
  try {
    decision = await decideWithState(step, update);
  } catch (error) {
    return afterFailedRead(step, update, error);
  }
  if (decision.kind === "unchanged") {
    await step.lease.settle([{ id: update.id, state: "UNCHANGED" }], false);
    return { kind: "goOn" };
  }
  if (decision.kind === "fail") {
    await step.lease.settle([{ id: update.id, state: "FAILED", error: decision.error }], false);
    return { kind: "goOn" };
  }
  return write(step, update, {
    updateIds: [update.id],
    patch: decision.patch,
    ...(decision.ifMatch === undefined ? {} : { ifMatch: decision.ifMatch }),
    requestId: update.resendAs ?? randomUUID(),
    clientRequestId: randomUUID(),
  });
}

/**
 * Reads only when it pays: not at all when the decision needs no state; not when a state is known and the
 * decision is to write, since the write carries its ETag; else once.
 */
async function decideWithState(step: LaneStep, update: ReferralUpdate): Promise<Decision> {
  const { edges, memory, signal } = step;
  const { referralId } = update;
  const refused = memory.refusedBlind.get(update.id);
  if (refused !== undefined) {
    const decision = decide(update, (await readNow(edges, referralId, signal)).state);
    const isTheSame = decision.kind === "send" && isDeepStrictEqual(decision.patch, refused.patch);
    return isTheSame ? { kind: "fail", error: refused.failure } : decision;
  }
  if (!needsState(update)) {
    return decide(update, undefined);
  }
  const seen = (await recall(edges, referralId)) ?? (await readNow(edges, referralId, signal));
  const decision = decide(update, seen.state);
  if (decision.kind === "send" || seen.isFresh) {
    return decision;
  }
  return decide(update, (await readNow(edges, referralId, signal)).state);
}

/** Thrown by the fence when an update was cancelled while it waited for its turn: nothing was sent. */
class LaneChangedError extends Error {}

async function write(step: LaneStep, update: ReferralUpdate, attempt: Attempt): Promise<StepEnd> {
  const { edges, lease, signal } = step;
  let isBegun = false;
  const waiting = abortableUntilSent(signal);
  const beforeSend = async (): Promise<void> => {
    if ((await lease.begin(attempt)) === "changed") {
      throw new LaneChangedError();
    }
    isBegun = true;
    waiting.isOver();
    lease.assertOwned();
  };
  try {
    const answer = await edges.client.patchReferral(
      { id: update.referralId, ...attempt },
      { signal: waiting.signal, priority: "interactive", beforeSend },
    );
    step.memory.refusedTokens = 0;
    await writeDown(step, update, attempt, answer);
    return { kind: "goOn" };
  } catch (error) {
    if (error instanceof LaneChangedError) {
      return { kind: "goOn" };
    }
    if (
      error instanceof PartnerCenterError ||
      error instanceof TokenUnavailableError ||
      error instanceof CallAbortedError
    ) {
      return afterFailedWrite(step, update, attempt, isBegun, error);
    }
    throw error;
  } finally {
    waiting.isOver();
  }
}

/** A stopping worker abandons calls that wait for their turn, but lets a write under way finish. */
function abortableUntilSent(signal: AbortSignal): { signal: AbortSignal; isOver(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) {
    abort();
  }
  signal.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, isOver: () => signal.removeEventListener("abort", abort) };
}

async function writeDown(
  { edges, lease }: LaneStep,
  update: ReferralUpdate,
  attempt: Attempt,
  { referral, etag, call }: PatchAnswer,
): Promise<void> {
  // Known first: who hears that it is applied and asks for the referral needs no call of its own.
  await Promise.all([
    referral === undefined || etag === undefined
      ? edges.known.forget(update.referralId)
      : edges.known.put(update.referralId, { referral, etag, seenAt: edges.now() }),
    edges.account.answered(),
  ]);
  await lease.settle(
    [
      {
        id: update.id,
        state: "APPLIED",
        clientRequestId: call.clientRequestId,
        ...(etag === undefined ? {} : { etag }),
        ...(attempt.patch === update.patch ? {} : { sent: attempt.patch }),
      },
    ],
    true,
  );
  edges.log.info(
    {
      referralId: update.referralId,
      updateIds: attempt.updateIds,
      state: "APPLIED",
      requestId: attempt.requestId,
      clientRequestId: call.clientRequestId,
      status: call.status,
    },
    "update applied",
  );
}
