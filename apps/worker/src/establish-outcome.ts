import { PartnerCenterError } from "@patchlane/partner-center";
import { isPatchInEffect } from "@patchlane/referral-patch";
import type {
  Attempt,
  KnownState,
  ReferralUpdate,
  UpdateFailure,
  UpdateStep,
} from "@patchlane/update-queue";
import { MOST_TROUBLES } from "./back-off.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow, recall } from "./read-state.ts";
import { resendOf } from "./resend.ts";
import { afterFailedRead } from "./trouble.ts";
import { failureOf } from "./upstream-failure.ts";
import { writeTrace } from "./write-trace.ts";

/**
 * A write was begun and nobody knows what became of it: its answer was lost, or its worker. Reads the
 * referral and compares; only when the effect is not there may the updates be sent again.
 */
export async function establishOutcome(
  step: LaneStep,
  attempt: Attempt,
  pending: readonly ReferralUpdate[],
): Promise<StepEnd> {
  const { lease } = step;
  const updates = pending.filter(({ id }) => attempt.updateIds.includes(id));
  const [first] = updates;
  if (first === undefined) {
    await lease.settle([], true);
    return { kind: "goOn" };
  }
  const before = await stateBefore(step, attempt);
  let now: KnownState;
  try {
    now = (await readNow(step, updates)).state;
  } catch (error) {
    if (error instanceof PartnerCenterError && cannotBeEstablished(first, error)) {
      const words = "the answer was lost and the referral cannot be read";
      await failAll(step, attempt, updates, failureOf("OUTCOME_UNKNOWN", words, error));
      return { kind: "goOn" };
    }
    return afterFailedRead(step, updates, error);
  }
  switch (outcomeOf(attempt, before, now)) {
    case "applied":
      await applied(step, attempt, updates, now);
      break;
    case "notApplied":
      await sendAgain(step, attempt, updates, { isInDoubt: true }); // it may still arrive
      break;
    case "notVisible":
      await sendAgain(step, attempt, updates, { isInDoubt: true });
  }
  return { kind: "goOn" };
}

/** `notVisible`: not there, but the referral was written meanwhile, so it may have been there and been overwritten. */
type Outcome = "applied" | "notApplied" | "notVisible";

/** A write is all or nothing: of one whose effect can be seen in part, the rest was overwritten since. */
export function outcomeOf(
  attempt: Pick<Attempt, "patch" | "ifMatch" | "etagBefore">,
  before: KnownState | undefined,
  now: KnownState,
): Outcome {
  const etagBefore = attempt.ifMatch ?? attempt.etagBefore;
  if (etagBefore !== undefined && now.etag === etagBefore) {
    return "notApplied";
  }
  const standsStill = ({ path }: Operation) => isSameElement(path, before?.referral, now.referral);
  if (attempt.patch.every(standsStill) && isPatchInEffect(attempt.patch, now.referral)) {
    return "applied";
  }
  const isThere = (state: KnownState) => (operation: Operation) =>
    standsStill(operation) && isPatchInEffect([operation], state.referral);
  const hasLeftATrace =
    before !== undefined &&
    attempt.patch
      .filter((operation) => isTelling(operation) && !isThere(before)(operation))
      .some(isThere(now));
  return hasLeftATrace ? "applied" : "notVisible";
}

type Operation = Attempt["patch"][number];

/** Whether a path into an element of a list still leads into the same one; any other path does. */
function isSameElement(path: string, before: unknown, now: unknown): boolean {
  const element = /^(.*\/\d+)\/./.exec(path)?.[1]?.slice(1).split("/");
  const keyOf = (document: unknown) => {
    let found = document as Record<string, unknown> | undefined;
    for (const name of element ?? []) {
      found = found?.[name] as Record<string, unknown> | undefined;
    }
    return found?.email ?? found?.id;
  };
  return element === undefined || (keyOf(before) !== undefined && keyOf(before) === keyOf(now));
}

/** Whether somebody else is unlikely to have written the very same: not one of a few values, nor nothing. */
function isTelling({ path, value }: Operation): boolean {
  const isOneOfFew = /^\/(status|substatus|qualification|customerProfile\/size)$/.test(path);
  return !isOneOfFew && value !== null && typeof value !== "boolean";
}

/** The state the write was made on, when that is still remembered. */
async function stateBefore(step: LaneStep, attempt: Attempt): Promise<KnownState | undefined> {
  const known = (await recall(step))?.state;
  const etagBefore = attempt.ifMatch ?? attempt.etagBefore;
  return known?.etag !== undefined && known.etag === etagBefore ? known : undefined;
}

async function applied(
  { edges, lease }: LaneStep,
  attempt: Attempt,
  updates: readonly ReferralUpdate[],
  now: KnownState,
): Promise<void> {
  await lease.settle(
    updates.map((update) => ({
      ...writeTrace(update, attempt, partOf(update, attempt), attempt.clientRequestId),
      id: update.id,
      state: partOf(update, attempt)?.length === 0 && !update.isInDoubt ? "UNCHANGED" : "APPLIED",
      ...(now.etag === undefined ? {} : { etag: now.etag }),
    })),
    true,
  );
  edges.log.info(
    {
      referralId: lease.referralId,
      updateIds: attempt.updateIds,
      state: "APPLIED",
      requestId: attempt.requestId,
      clientRequestId: attempt.clientRequestId,
    },
    "update found applied after a lost answer",
  );
}

/** Back to their places, together and under the same request id; but not for ever. */
async function sendAgain(
  { lease }: LaneStep,
  attempt: Attempt,
  updates: readonly ReferralUpdate[],
  doubt: Pick<UpdateStep, "isInDoubt">,
): Promise<void> {
  // A request id that is honoured upstream names one body: only the same updates together may use it again.
  const isSplit = updates.some(({ foldLimit = updates.length }) => foldLimit < updates.length);
  const resend = isSplit ? {} : { resendAs: resendOf(attempt) };
  // Should it turn out to have been applied after all, this is the call that did it.
  const lost = {
    clientRequestId: attempt.clientRequestId,
    ...(attempt.etagBefore === undefined ? {} : { etagBefore: attempt.etagBefore }),
  };
  await lease.settle(
    updates.map(({ id, troubles }) =>
      troubles >= MOST_TROUBLES
        ? { id, state: "FAILED", error: withoutEffect(troubles) }
        : { id, state: "QUEUED", ...resend, ...doubt, ...lost },
    ),
    true,
  );
}

async function failAll(
  { lease }: LaneStep,
  attempt: Attempt,
  updates: readonly ReferralUpdate[],
  error: UpdateFailure,
): Promise<void> {
  await lease.settle(
    updates.map((update) => ({
      ...writeTrace(update, attempt, partOf(update, attempt), attempt.clientRequestId),
      id: update.id,
      state: "FAILED",
      error,
    })),
    true,
  );
}

/** What of a write was one update's; undefined in records of an earlier version. */
function partOf({ id }: ReferralUpdate, { updateIds, parts, patch }: Attempt) {
  return updateIds.length === 1 ? patch : parts?.[updateIds.indexOf(id)];
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
