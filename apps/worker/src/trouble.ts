import {
  CallAbortedError,
  PartnerCenterError,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import {
  DOWN_AFTER_FAILURES,
  type ReferralUpdate,
  type UpdateFailure,
} from "@patchlane/update-queue";
import {
  accountRestMs,
  backOffMs,
  MOST_TROUBLES,
  SPLIT_AFTER_TROUBLES,
  uncertainRestMs,
} from "./back-off.ts";
import { inDoubt, needsState } from "./decide.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { halfOf, refuseTogether } from "./refused-together.ts";
import { failureOf } from "./upstream-failure.ts";

/** What an upstream call threw, when it is about the upstream and not a bug of ours. */
export type CallFailure = PartnerCenterError | TokenUnavailableError | CallAbortedError;

/** A read for a decision failed: nothing was written, the updates keep their places. Rethrows bugs. */
export async function afterFailedRead(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
  error: unknown,
  /** A write was denied before: what may be neither written nor read fails, also what needs no state. */
  { isDenied = false } = {},
): Promise<StepEnd> {
  if (error instanceof CallAbortedError) {
    return { kind: "handedBack" };
  }
  if (error instanceof TokenUnavailableError) {
    return signInFailed(step, error);
  }
  if (!(error instanceof PartnerCenterError)) {
    throw error;
  }
  await noteAnswer(step, error);
  switch (error.kind) {
    case "throttled":
      return { kind: "goOn" };
    case "unauthorized":
      return tokenRefused(step);
    case "gone":
      return giveUp(
        step,
        updates,
        failureOf("REFERRAL_NOT_FOUND", "there is no such referral", error),
      );
    case "forbidden":
      return (isDenied ? giveUp : withoutState)(
        step,
        updates,
        failureOf("ACCESS_DENIED", "the signed-in user may not read this referral", error),
      );
    case "rejected":
      return withoutState(
        step,
        updates,
        failureOf("INVALID_CHANGE", "the upstream refused to show the referral", error),
      );
    default:
      return tryAgainLater(step, updates, error);
  }
}

/** A refusal of one update is an answer all the same: the upstream is up, and signing in works. */
export async function noteAnswer({ edges }: LaneStep, error: PartnerCenterError): Promise<void> {
  const { kind, status } = error;
  const isAboutOneUpdate =
    kind === "conflict" || kind === "rejected" || kind === "forbidden" || kind === "gone";
  if (isAboutOneUpdate && status !== undefined) {
    await edges.account.answered(error.method === "PATCH" ? "write" : "read");
  }
}

/** The state is not to be had: what needs it fails; what was refused without it stays refused. */
function withoutState(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
  error: UpdateFailure,
): Promise<StepEnd> {
  const { refusedBlind } = step.memory;
  const refused = updates.filter(({ id }) => refusedBlind.has(id));
  const failure = refusedBlind.get(refused[0]?.id ?? "")?.failure;
  if (failure === undefined || updates.some(needsState)) {
    return giveUp(step, updates.filter(needsState), error);
  }
  for (const { id } of refused) {
    refusedBlind.delete(id); // what is split now may pass, built blind
  }
  const parts = refused.map((update) => ({ update, patch: update.patch }));
  return refuseTogether(step, { parts }, failure, undefined);
}

async function giveUp(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
  error: UpdateFailure,
): Promise<StepEnd> {
  await step.lease.settle(
    updates.map((update) => ({ id: update.id, state: "FAILED", error: inDoubt(update, error) })),
    false,
  );
  return { kind: "goOn" };
}

/** Whether one more failure ends an update. */
export function isLastTry(update: ReferralUpdate): boolean {
  return update.troubles + 1 >= MOST_TROUBLES;
}

/**
 * The upstream is unwell. What is everybody's trouble is not held against the updates (`AccountTrouble.failed`
 * tells them apart); their own ends one after {@link MOST_TROUBLES}, but never while a write of it is on record,
 * whose outcome has to be established first. Several that keep failing together are split.
 */
export async function tryAgainLater(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
  error: PartnerCenterError,
): Promise<StepEnd> {
  const { edges, lease } = step;
  const isUnreachable = error.kind === "transient" && !error.wasSent;
  const { failuresInARow, isHeldAgainstUpdate } = isAboutOneReferral(error)
    ? { failuresInARow: 0, isHeldAgainstUpdate: true }
    : await edges.account.failed({ isForEverybody: isUnreachable, referralId: lease.referralId });
  const isDown = failuresInARow >= DOWN_AFTER_FAILURES;
  const troubles = Math.max(...updates.map((update) => update.troubles)) + 1;
  const hopeless = updates.filter((update) => isLastTry(update) && update.state === "QUEUED");
  if (isHeldAgainstUpdate && hopeless.length > 0) {
    return giveUp(
      step,
      hopeless,
      failureOf("UPSTREAM_UNAVAILABLE", `gave up after ${troubles} failed tries`, error),
    );
  }
  if (isHeldAgainstUpdate) {
    const isSplit = updates.length > 1 && troubles >= SPLIT_AFTER_TROUBLES;
    await lease.settle(
      updates.map((update) => ({
        id: update.id,
        state: update.state,
        troubles: update.troubles + 1,
        ...(isSplit ? { foldLimit: halfOf(updates.length) } : {}),
      })),
      false,
    );
  }
  const reason = error.kind === "unknownOutcome" ? "lost_answer" : "trouble";
  edges.meters.count("repeats", { reason });
  const delayMs = isDown
    ? accountRestMs(edges.random)
    : isHeldAgainstUpdate
      ? backOffMs(troubles, edges.random)
      : uncertainRestMs(edges.random);
  edges.log.warn(
    {
      referralId: lease.referralId,
      updateIds: updates.map(({ id }) => id),
      kind: error.kind,
      status: error.status,
      code: error.code,
      delayMs,
    },
    isDown ? "the upstream is down, trying again later" : "the upstream failed, trying again later",
  );
  return { kind: "later", delayMs };
}

/** Locked, or answered with something that is no answer of this API: it is up all the same. */
function isAboutOneReferral({ kind, status }: PartnerCenterError): boolean {
  return status === 423 || (kind === "protocol" && status !== undefined);
}

/**
 * Remembers the token of the next call: when that one is refused, another lane may have renewed it already,
 * and the new one must not be taken for the refused one.
 */
export async function noteToken({ edges, memory, signal }: LaneStep): Promise<void> {
  // Without one the call itself fails, and says why.
  memory.token = await edges.tokens.getToken({ signal }).catch(() => undefined);
}

/** 401: get another token, once; when that one is refused too, the whole account is down. */
export async function tokenRefused(step: LaneStep): Promise<StepEnd> {
  const { edges, memory } = step;
  memory.refusedTokens += 1;
  try {
    if (memory.refusedTokens > 1) {
      return await pause(step, "the upstream refuses a token that was just renewed");
    }
    await edges.tokens.renew(memory.token ?? (await edges.tokens.getToken()));
    return { kind: "goOn" };
  } catch (error) {
    if (error instanceof TokenUnavailableError) {
      return signInFailed(step, error);
    }
    throw error;
  }
}

/** There is no token to be had: nothing fails, everything waits, and the reason is shown. */
export function signInFailed(step: LaneStep, error: TokenUnavailableError): Promise<StepEnd> {
  return pause(step, error.message);
}

async function pause({ edges, lease }: LaneStep, reason: string): Promise<StepEnd> {
  await edges.account.paused(reason);
  const { referralId } = lease;
  edges.log.warn({ referralId, reason }, "sign-in does not work, trying again later");
  return { kind: "later", delayMs: accountRestMs(edges.random) };
}
