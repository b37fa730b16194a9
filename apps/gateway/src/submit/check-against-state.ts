import { PartnerCenterError } from "@patchlane/partner-center";
import { isRedisTrouble, type UpdateIntent } from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import { readReferral } from "../read-referral.ts";
import type { Services } from "../services.ts";
import { type CheckResult, checkIntent } from "./check-request.ts";

export type StateCheck =
  | CheckResult
  | { readonly kind: "notFound"; readonly referralId: string }
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterMs: number };

/** ms the check may take; a caller must have an answer within two seconds when the upstream is away. */
const CHECK_TIMEOUT_MS = 1_500;

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
    if (!isDryRun && (await services.queue.ledger.hasPending(referralId))) {
      return withoutState;
    }
    const known = isDryRun ? undefined : await services.queue.known.get(referralId);
    if (known !== undefined) {
      const checked = checkIntent(intent, known.referral);
      if (checked.kind === "ok") {
        return checked;
      }
    }
    const fresh = await readReferral(services, referralId, CHECK_TIMEOUT_MS);
    return fresh === undefined
      ? { kind: "notFound", referralId }
      : checkIntent(intent, fresh.referral);
  } catch (error) {
    if (isRedisTrouble(error)) {
      return unavailable("The update queue is not available at the moment; nothing was accepted");
    }
    if (isDryRun) {
      return unavailable(whyUnavailable(error));
    }
    return withoutState;
  }
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
