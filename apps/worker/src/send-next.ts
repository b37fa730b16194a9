import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  CallAbortedError,
  PartnerCenterError,
  type PatchAnswer,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import {
  type Attempt,
  type KnownState,
  MOST_PENDING_SHOWN,
  type ReferralUpdate,
} from "@patchlane/update-queue";
import { afterFailedWrite } from "./after-failed-write.ts";
import { needsState } from "./decide.ts";
import { companions, type PlannedWrite, planWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { priorityOf, readNow, recall, remember } from "./read-state.ts";
import { refuseTogether } from "./refused-together.ts";
import { requestIdFor } from "./resend.ts";
import { afterFailedRead } from "./trouble.ts";

/** Takes the next updates of a lane as far as they go: decided, sent as one PATCH, written down. */
export async function sendNext(
  step: LaneStep,
  pending: readonly ReferralUpdate[],
): Promise<StepEnd> {
  const candidates = companions(pending);
  let planned: { plan: ReturnType<typeof planWrite>; state: KnownState | undefined };
  try {
    planned = await planWithState(step, candidates);
  } catch (error) {
    return afterFailedRead(step, candidates, error);
  }
  const { plan, state } = planned;
  if (plan.failures.length + plan.unchanged.length > 0) {
    await step.lease.settle(
      [
        ...plan.failures.map(({ update: { id }, error }) => ({
          id,
          state: "FAILED" as const,
          error,
        })),
        ...plan.unchanged.map(({ id, isInDoubt }) => ({
          id,
          // As wanted, and a write of it may be why.
          state: isInDoubt ? ("APPLIED" as const) : ("UNCHANGED" as const),
        })),
      ],
      false,
    );
  }
  if (plan.write === undefined) {
    return { kind: "goOn" };
  }
  const refused = step.memory.refusedBlind.get(plan.write.parts[0].update.id);
  if (refused !== undefined && isDeepStrictEqual(plan.write.patch, refused.patch)) {
    return refuseTogether(step, plan.write, refused.failure, false);
  }
  const settled = plan.failures.length + plan.unchanged.length;
  const mayGrow =
    settled + plan.write.parts.length === pending.length && pending.length < MOST_PENDING_SHOWN;
  return write(step, {
    write: plan.write,
    state,
    seen: mayGrow ? pending.length - settled : undefined,
  });
}

/**
 * Reads only when it pays: not at all when no decision needs the state; not when one is known and everything is to
 * be written, since the write carries its ETag; else once.
 */
async function planWithState(step: LaneStep, candidates: readonly ReferralUpdate[]) {
  const { memory } = step;
  const wasRefused = candidates.some(({ id }) => memory.refusedBlind.has(id));
  if (!wasRefused && !candidates.some(needsState)) {
    return { plan: planWrite(candidates, undefined), state: undefined };
  }
  const read = () => readNow(step, priorityOf(candidates));
  const known = await recall(step);
  const seen = known === undefined || (wasRefused && !known.isFresh) ? await read() : known;
  const plan = planWrite(candidates, seen.state);
  if (seen.isFresh || plan.failures.length + plan.unchanged.length === 0) {
    return { plan, state: seen.state };
  }
  const { state } = await read();
  return { plan: planWrite(candidates, state), state };
}

/** What is about to be written, and what it was decided on. */
interface Intended {
  readonly write: PlannedWrite;
  readonly state: KnownState | undefined;
  /** Pending updates there are, when all of them leave with it and more may join. */
  readonly seen: number | undefined;
}

/** Thrown by the fence when an update was cancelled while it waited for its turn: nothing was sent. */
class LaneChangedError extends Error {}

async function write(step: LaneStep, first: Intended): Promise<StepEnd> {
  const { edges, lease, signal } = step;
  const etagBefore = (first.state ?? (await recall(step))?.state)?.etag;
  let intended = first;
  let attempt = attemptOf(first.write, etagBefore);
  let isBegun = false;
  // Asked when the call's turn has come: what came in while it waited goes along.
  const beforeSend = async () => {
    let verdict = await lease.begin(attempt, isBegun ? undefined : intended.seen);
    if (verdict === "more") {
      intended = await withLateOnes(step, intended);
      attempt = attemptOf(intended.write, etagBefore);
      verdict = await lease.begin(attempt);
    }
    if (verdict === "changed") {
      throw new LaneChangedError();
    }
    isBegun = true;
    lease.assertOwned();
    return attempt;
  };
  try {
    const answer = await edges.client.patchReferral(
      { id: lease.referralId, ...attempt },
      { waitSignal: signal, priority: priorityOf(updatesOf(first.write)), beforeSend },
    );
    step.memory.refusedTokens = 0;
    step.memory.deniedInARow = 0;
    const isResend =
      intended.write.parts[0].update.resendAs?.startsWith(attempt.requestId) ?? false;
    // What answers a repeated request id may be what was answered then.
    await writeDown(
      step,
      intended.write,
      attempt,
      isResend ? { ...answer, referral: undefined } : answer,
    );
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
      return afterFailedWrite(step, intended.write, attempt, isBegun, error);
    }
    throw error;
  }
}

function updatesOf({ parts }: PlannedWrite): ReferralUpdate[] {
  return parts.map(({ update }) => update);
}

function attemptOf({ parts, patch, ifMatch }: PlannedWrite, etagBefore?: string): Attempt {
  return {
    updateIds: parts.map(({ update }) => update.id),
    patch,
    ...(parts.length === 1 ? {} : { parts: parts.map((part) => part.patch) }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    requestId: requestIdFor(parts[0].update.resendAs, patch) ?? randomUUID(),
    clientRequestId: randomUUID(),
    ...(etagBefore === undefined ? {} : { etagBefore }),
  };
}

/** The same write with whatever may join it by now; as it was when nothing may, or when it takes more than a look to tell. */
async function withLateOnes({ lease }: LaneStep, intended: Intended): Promise<Intended> {
  const view = await lease.look();
  if (view.kind !== "pending") {
    return intended;
  }
  const { failures, unchanged, write } = planWrite(companions(view.pending), intended.state);
  const isSettledFirst = failures.length + unchanged.length > 0;
  const goesOn = write?.parts[0].update.id === intended.write.parts[0].update.id;
  return isSettledFirst || !goesOn || write === undefined
    ? intended
    : { ...intended, write, seen: view.pending.length };
}

async function writeDown(
  step: LaneStep,
  { parts }: PlannedWrite,
  attempt: Attempt,
  { referral, etag, call }: PatchAnswer,
): Promise<void> {
  const { edges, lease } = step;
  // Known first: who hears that it is applied and asks for the referral needs no call of its own.
  await remember(step, referral, etag);
  await lease.settle(
    parts.map(({ update, patch }) => ({
      id: update.id,
      state: patch.length === 0 && !update.isInDoubt ? "UNCHANGED" : "APPLIED",
      clientRequestId: call.clientRequestId,
      ...(attempt.etagBefore === undefined ? {} : { etagBefore: attempt.etagBefore }),
      ...(etag === undefined ? {} : { etag }),
      ...(patch === update.patch ? {} : { sent: patch }),
      mergedWith: attempt.updateIds.filter((id) => id !== update.id),
    })),
    true,
  );
  edges.log.info(
    {
      referralId: lease.referralId,
      updateIds: attempt.updateIds,
      state: "APPLIED",
      requestId: attempt.requestId,
      clientRequestId: call.clientRequestId,
      status: call.status,
    },
    "update applied",
  );
}
