import { randomUUID } from "node:crypto";
import {
  CallAbortedError,
  PartnerCenterError,
  type PatchAnswer,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import type { Attempt, KnownState, ReferralUpdate } from "@patchlane/update-queue";
import { afterFailedWrite } from "./after-failed-write.ts";
import { companions, type PlannedWrite, planWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { justSeen, priorityOf, remember } from "./read-state.ts";
import { requestIdFor } from "./resend.ts";
import { writeTrace } from "./write-trace.ts";

/** What is about to be written, and what it was decided on. */
export interface IntendedWrite {
  readonly write: PlannedWrite;
  readonly state: KnownState | undefined;
  /** The referral's ETag as far as anybody knows it. */
  readonly knownEtag: string | undefined;
  /** Pending updates there are, when all of them leave with it and more may join. */
  readonly seen: number | undefined;
}

/** Thrown by the fence when an update was cancelled while it waited for its turn: nothing was sent. */
class LaneChangedError extends Error {}

/** Waits for its turn, puts the attempt on record, sends it and writes down what became of it. */
export async function makeWrite(step: LaneStep, first: IntendedWrite): Promise<StepEnd> {
  const { edges, lease, signal } = step;
  const etagBefore = (first.state ?? justSeen(step))?.etag ?? first.knownEtag;
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
    await writeDown(step, intended.write, attempt, answer);
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
async function withLateOnes({ lease }: LaneStep, intended: IntendedWrite): Promise<IntendedWrite> {
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
  edges.meters.observe("updatesPerWrite", {}, parts.length);
  // What answers a repeated request id may be what was answered then.
  const isRepeated = parts[0].update.resendAs?.startsWith(attempt.requestId) ?? false;
  // In this order, in one go: who hears that it is applied and asks for the referral needs no call of its own.
  await Promise.all([
    remember(step, isRepeated ? undefined : referral, etag, "write"),
    lease.settle(
      parts.map(({ update, patch }) => ({
        id: update.id,
        state: patch.length === 0 && !update.isInDoubt ? "UNCHANGED" : "APPLIED",
        ...writeTrace(update, attempt, patch, call.clientRequestId),
        ...(etag === undefined ? {} : { etag }),
      })),
      true,
    ),
  ]);
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
