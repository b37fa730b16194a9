import { PartnerCenterError } from "@patchlane/partner-center";
import { isRedisTrouble, type UpdateIntent } from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import { inTime } from "../in-time.ts";
import { readReferral } from "../read-referral.ts";
import type { Services } from "../services.ts";
import { type CheckResult, checkIntent } from "./check-request.ts";

export type StateCheck =
  | CheckResult
  | { readonly kind: "notFound"; readonly referralId: string }
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterMs: number };

/** ms the check may take; a caller must have an answer within two seconds when the upstream or Redis is away. */
const CHECK_TIMEOUT_MS = 1_500;
/** ms Redis then has to show that it was not the one that kept silent. */
const PING_TIMEOUT_MS = 300;

const REDIS_IS_AWAY = unavailable(
  "The update queue is not available at the moment; nothing was accepted",
);

/**
 * Checks an intent whose outcome depends on the referral's state, so that a forbidden transition is
 * refused before anything is accepted. A known state is enough to say yes (the write carries its ETag);
 * a no is said only on a state read just now. When the state cannot be had, or earlier updates of the
 * referral are still pending and will change it, the worker decides when the update's turn comes;
 * only a dry run then has no answer.
 */
export async function checkAgainstState(
  services: Services,
  referralId: string,
  intent: UpdateIntent,
  withoutState: CheckResult,
  isDryRun: boolean,
): Promise<StateCheck> {
  try {
    const checking = isDryRun
      ? checkFresh(services, referralId, intent)
      : checkKnown(services, referralId, intent, withoutState);
    return await inTime(checking, CHECK_TIMEOUT_MS);
  } catch (error) {
    if (isRedisTrouble(error) || !(await answersPing(services))) {
      return REDIS_IS_AWAY;
    }
    return isDryRun ? unavailable(whyUnavailable(error)) : withoutState;
  }
}

async function checkKnown(
  services: Services,
  referralId: string,
  intent: UpdateIntent,
  withoutState: CheckResult,
): Promise<StateCheck> {
  if (await services.queue.ledger.hasPending(referralId)) {
    return withoutState;
  }
  const known = await services.queue.known.get(referralId);
  const checked = known === undefined ? undefined : checkIntent(intent, known.referral);
  return checked?.kind === "ok" ? checked : checkFresh(services, referralId, intent);
}

async function checkFresh(
  services: Services,
  referralId: string,
  intent: UpdateIntent,
): Promise<StateCheck> {
  const fresh = await readReferral(services, referralId, CHECK_TIMEOUT_MS);
  return fresh === undefined
    ? { kind: "notFound", referralId }
    : checkIntent(intent, fresh.referral);
}

async function answersPing({ queue }: Services): Promise<boolean> {
  return inTime(queue.ping(), PING_TIMEOUT_MS).then(
    () => true,
    () => false,
  );
}

function whyUnavailable(error: unknown): string {
  const status =
    error instanceof PartnerCenterError && error.status !== undefined
      ? ` (status ${error.status})`
      : "";
  return `The referral's current state cannot be read at the moment${status}`;
}

function unavailable(message: string): StateCheck {
  return { kind: "unavailable", message, retryAfterMs: RETRY_AFTER_MS };
}
