import type { GatewayClient, ReferralChangesInput, UpdateState } from "@patchlane/gateway-client";

/** A person of the app changes a deal. */
export interface DealChange {
  readonly referralId: string;
  readonly changes: ReferralChangesInput;
  /** The app's own id of this change: sent twice, by whatever accident, it is one update. */
  readonly changeId: string;
  /** The version the person looked at; if somebody else changed it meanwhile, nothing is written. */
  readonly seenEtag?: string;
}

/** What became of it, in the app's words. */
export type DealOutcome =
  | { readonly kind: "saved"; readonly updateId: string }
  | { readonly kind: "nothingToDo" }
  /** The input does not do: show each finding at its field. */
  | { readonly kind: "fix"; readonly findings: readonly { path: string; message: string }[] }
  /** The status may not go there: offer these. */
  | { readonly kind: "choose"; readonly allowed: readonly string[] }
  /** Somebody else was first: load it again and let the person decide. */
  | { readonly kind: "reload"; readonly message: string }
  | { readonly kind: "gone"; readonly message: string }
  /** Nothing was accepted: try again later, with the same change id. */
  | { readonly kind: "later"; readonly afterMs: number }
  /** Accepted, and it did not work: for somebody who looks after it. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Usual wait (ms) when the gateway does not say how long. */
const LATER_MS = 5_000;

/**
 * Changes a deal and follows the update to its end. Throws GatewayErrors only: what they mean is in explain.ts. `onState` is told
 * what to show meanwhile.
 */
export async function changeDeal(
  gateway: GatewayClient,
  { referralId, changes, changeId, seenEtag }: DealChange,
  onState: (state: UpdateState) => void,
): Promise<DealOutcome> {
  const result = await gateway.updateReferral({
    referralId,
    changes,
    idempotencyKey: changeId,
    ifMatch: seenEtag,
    waitMs: 0, // the app shows the progress itself
  });
  switch (result.__typename) {
    case "UpdateReferralPayload":
      return result.update === null
        ? { kind: "nothingToDo" }
        : followed(gateway, result.update.id, onState);
    case "InvalidInputError":
      return {
        kind: "fix",
        findings: result.issues.map(({ path, message }) => ({ path, message })),
      };
    case "InvalidTransitionError":
      return {
        kind: "choose",
        allowed: result.allowed.map(({ status, substatus }) => `${status}/${substatus}`),
      };
    case "ReferralNotFoundError":
      return { kind: "gone", message: result.message };
    case "IdempotencyMismatchError":
      // The app used one id for two different changes: a bug of the app.
      return { kind: "failed", code: "IDEMPOTENCY_MISMATCH", message: result.message };
    case "ServiceUnavailableError":
      return { kind: "later", afterMs: result.retryAfterMs ?? LATER_MS };
  }
}

async function followed(
  gateway: GatewayClient,
  updateId: string,
  onState: (state: UpdateState) => void,
): Promise<DealOutcome> {
  let latest: DealOutcome = { kind: "failed", code: "UNKNOWN", message: "nothing was heard of it" };
  for await (const { state, error } of gateway.watchReferralUpdate(updateId)) {
    onState(state);
    latest = outcomeOf(updateId, state, error);
  }
  return latest;
}

function outcomeOf(
  updateId: string,
  state: UpdateState,
  error: { readonly code: string; readonly message: string } | null,
): DealOutcome {
  if (state === "APPLIED") {
    return { kind: "saved", updateId };
  }
  if (state === "UNCHANGED") {
    return { kind: "nothingToDo" };
  }
  const { code, message } = error ?? { code: state, message: `the update is ${state}` };
  switch (code) {
    case "CONFLICT":
      return { kind: "reload", message };
    case "REFERRAL_NOT_FOUND":
      return { kind: "gone", message };
    default:
      return { kind: "failed", code, message };
  }
}
