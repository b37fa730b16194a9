import type { PatchOperation } from "@patchlane/referral-patch";
import { inSpan } from "@patchlane/service-kit";
import {
  type AcceptResult,
  isRedisTrouble,
  LedgerUnavailableError,
  type NewReferralUpdate,
  type ReferralUpdate,
} from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import type { Services } from "../services.ts";
import type { Caller } from "../sign-in/caller.ts";
import { acceptInSpan } from "../tracing/accept-in-span.ts";
import { checkAgainstState } from "./check-against-state.ts";
import { type CheckResult, checkWithoutState, intentNeedsState } from "./check-request.ts";
import {
  type InputIssue,
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
 * Takes a request from input to an accepted, durable update: parse, check without state, look whether it
 * is a repeat, check against the referral's state where the decision depends on it, accept, wake the lane,
 * wait for the outcome.
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
  const withoutState = checkWithoutState(request.intent);
  if (withoutState.kind !== "ok" && withoutState.kind !== "needsState") {
    return withoutState;
  }
  try {
    return request.isDryRun
      ? await dryRun(services, request, withoutState)
      : await submit(services, caller, request, withoutState);
  } catch (error) {
    if (error instanceof LedgerUnavailableError || isRedisTrouble(error)) {
      services.log.warn({ error, referralId: request.referralId }, "an update was not accepted");
      return {
        kind: "unavailable",
        message: "The update queue is not available at the moment; nothing was accepted",
        retryAfterMs: RETRY_AFTER_MS,
      };
    }
    throw error;
  }
}

async function dryRun(
  services: Services,
  { intent, referralId }: ParsedRequest,
  withoutState: CheckResult,
): Promise<SubmitResult> {
  const checked = intentNeedsState(intent)
    ? await checkAgainstState(services, referralId, intent, withoutState, true)
    : withoutState;
  return checked.kind === "ok" || checked.kind === "needsState"
    ? { kind: "checked", referralId, patch: checked.patch }
    : checked;
}

async function submit(
  services: Services,
  caller: Caller,
  request: ParsedRequest,
  withoutState: CheckResult & { patch: readonly PatchOperation[] },
): Promise<SubmitResult> {
  const { referralId, intent, ifMatch, idempotencyKey } = request;
  const newUpdate: NewReferralUpdate = {
    referralId,
    intent,
    patch: withoutState.patch,
    submittedBy: caller.subject,
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  if (!intentNeedsState(intent)) {
    return answer(services, request, newUpdate, await acceptInSpan(services.queue, newUpdate));
  }
  // A repeat is answered with its update, whatever has become of the referral since. (Without a look at the state, accepting
  // tells a repeat by itself.)
  const earlier = await services.queue.ledger.findEarlier(newUpdate);
  if (earlier !== undefined) {
    return answer(services, request, newUpdate, earlier);
  }
  const checked = await checkAgainstState(services, referralId, intent, withoutState, false);
  if (checked.kind !== "ok" && checked.kind !== "needsState") {
    return checked;
  }
  const update = { ...newUpdate, patch: checked.patch };
  return answer(services, request, update, await acceptInSpan(services.queue, update));
}

async function answer(
  services: Services,
  { referralId, idempotencyKey = "", waitMs }: ParsedRequest,
  update: NewReferralUpdate,
  accepted: AcceptResult,
): Promise<SubmitResult> {
  if (!accepted.ok) {
    return { kind: "idempotencyMismatch", idempotencyKey };
  }
  const { queue, log } = services;
  // Not awaited for the answer: the update is durable, and the sweep wakes what this cannot. For a repeat
  // too: its first accept may have been answered to nobody, and its lane never woken.
  queue
    .wake(referralId)
    .catch((error: unknown) => log.warn({ error, referralId }, "wake-up left to the sweep"));
  const wait = () => waitForOutcome(services, accepted, update, waitMs);
  return {
    kind: "accepted",
    update: waitMs > 0 ? await inSpan("wait for the outcome", {}, wait) : await wait(),
  };
}
