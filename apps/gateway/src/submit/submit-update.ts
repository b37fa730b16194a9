import type { PatchOperation } from "@patchlane/referral-patch";
import { LedgerUnavailableError, type ReferralUpdate } from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import type { Caller, Services } from "../services.ts";
import { checkAgainstState, type StateCheck } from "./check-against-state.ts";
import { type CheckResult, checkIntent, intentNeedsState } from "./check-request.ts";
import {
  type InputIssue,
  NOTHING_TO_CHANGE,
  type ParsedRequest,
  parseRequest,
  type UpdateRequest,
} from "./parse-request.ts";
import { waitForOutcome } from "./wait-for-outcome.ts";

/** What became of a request. Everything but `accepted` and `checked` means: nothing was accepted. */
export type SubmitResult =
  | { readonly kind: "accepted"; readonly update: ReferralUpdate }
  /** A dry run: this would be sent. */
  | {
      readonly kind: "checked";
      readonly referralId: string;
      readonly patch: readonly PatchOperation[];
    }
  | { readonly kind: "invalidInput"; readonly issues: readonly InputIssue[] }
  | Extract<CheckResult, { kind: "invalidTransition" }>
  | { readonly kind: "notFound"; readonly referralId: string }
  | { readonly kind: "idempotencyMismatch"; readonly idempotencyKey: string }
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterMs: number };

/**
 * Takes a request from input to an accepted, durable update: parse, check without state, check against
 * the referral's state where the decision depends on it, accept, wake the lane, wait for the outcome.
 */
export async function submitUpdate(
  services: Services,
  caller: Caller,
  input: UpdateRequest,
): Promise<SubmitResult> {
  const parsed = parseRequest(input);
  if (!parsed.ok) {
    return { kind: "invalidInput", issues: parsed.issues };
  }
  const { request } = parsed;
  const checked = await check(services, request);
  if (checked.kind !== "ok" && checked.kind !== "needsState") {
    return checked;
  }
  if (request.isDryRun) {
    return { kind: "checked", referralId: request.referralId, patch: checked.patch };
  }
  return accept(services, caller, request, checked.patch);
}

async function check(
  services: Services,
  { intent, referralId, isDryRun }: ParsedRequest,
): Promise<StateCheck> {
  const withoutState = checkIntent(intent);
  if (withoutState.kind === "ok" && withoutState.patch.length === 0) {
    return { kind: "invalidInput", issues: [NOTHING_TO_CHANGE] };
  }
  const isDecided = withoutState.kind !== "ok" && withoutState.kind !== "needsState";
  if (isDecided || !intentNeedsState(intent)) {
    return withoutState;
  }
  return checkAgainstState(services, referralId, intent, withoutState, isDryRun);
}

async function accept(
  { queue, log }: Services,
  caller: Caller,
  request: ParsedRequest,
  patch: readonly PatchOperation[],
): Promise<SubmitResult> {
  const { referralId, intent, ifMatch, idempotencyKey, waitMs } = request;
  const newUpdate = {
    referralId,
    intent,
    patch,
    submittedBy: caller.subject,
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  try {
    const accepted = await queue.ledger.accept(newUpdate);
    if (!accepted.ok) {
      return { kind: "idempotencyMismatch", idempotencyKey: idempotencyKey ?? "" };
    }
    if (!accepted.isReplay) {
      // Not awaited for the answer: the update is durable, and the sweep wakes what this cannot.
      queue
        .wake(referralId)
        .catch((error: unknown) => log.warn({ error, referralId }, "wake-up left to the sweep"));
    }
    return { kind: "accepted", update: await waitForOutcome(queue, accepted, newUpdate, waitMs) };
  } catch (error) {
    if (error instanceof LedgerUnavailableError) {
      log.warn({ error: error.cause, referralId }, "an update was not accepted");
      return {
        kind: "unavailable",
        message: "The update queue is not available at the moment; nothing was accepted",
        retryAfterMs: RETRY_AFTER_MS,
      };
    }
    throw error;
  }
}
