import {
  allowedTransitions,
  buildPatch,
  changesNeedState,
  checkTransition,
  type PatchOperation,
  patchNeedsState,
  type Referral,
  type ReferralState,
  stateOf,
  validatePatch,
} from "@patchlane/referral-patch";
import type { UpdateIntent } from "@patchlane/update-queue";
import { type InputIssue, located, NOTHING_TO_CHANGE } from "./parse-request.ts";

export type CheckResult =
  | { readonly kind: "ok"; readonly patch: readonly PatchOperation[] }
  /** Only the referral's current state can tell; `patch` is what can be said without it. */
  | { readonly kind: "needsState"; readonly patch: readonly PatchOperation[] }
  | { readonly kind: "invalidInput"; readonly issues: InputIssue[] }
  | {
      readonly kind: "invalidTransition";
      readonly message: string;
      readonly from: ReferralState | undefined;
      readonly to: ReferralState;
      readonly allowed: readonly ReferralState[];
      readonly issues: InputIssue[];
    };

/** Whether what an intent leads to depends on the referral's state. */
export function intentNeedsState(intent: UpdateIntent): boolean {
  return intent.changes === undefined
    ? patchNeedsState(intent.patch)
    : changesNeedState(intent.changes);
}

/** {@link checkIntent} for a request that just came in: one that says nothing is refused. */
export function checkWithoutState(intent: UpdateIntent): CheckResult {
  const checked = checkIntent(intent);
  return checked.kind === "ok" && checked.patch.length === 0
    ? { kind: "invalidInput", issues: [NOTHING_TO_CHANGE] }
    : checked;
}

/** Builds or validates the patch, with the referral's state if it is at hand; the changes are parsed already. No I/O. */
export function checkIntent(intent: UpdateIntent, current?: Referral): CheckResult {
  const built =
    intent.changes === undefined
      ? validatePatch(intent.patch, { current })
      : buildPatch(intent.changes, { current, isParsed: true });
  if (built.ok) {
    return { kind: "ok", patch: built.patch };
  }
  const blocking = built.issues.filter(({ code }) => code !== "NEEDS_CURRENT_STATE");
  if (blocking.length === 0) {
    return { kind: "needsState", patch: sayable(intent) };
  }
  const issues = located(intent.changes === undefined ? "/patch" : "/changes", blocking);
  return asTransition(intent, issues, current) ?? { kind: "invalidInput", issues };
}

/** The operations that can be said without knowing the team's members. */
function sayable(intent: UpdateIntent): readonly PatchOperation[] {
  if (intent.changes === undefined) {
    return intent.patch;
  }
  const { team, ...rest } = intent.changes;
  const built = buildPatch(team?.add === undefined ? rest : { ...rest, team: { add: team.add } });
  return built.ok ? built.patch : [];
}

function asTransition(
  intent: UpdateIntent,
  issues: InputIssue[],
  current: Referral | undefined,
): CheckResult | undefined {
  const first = issues[0];
  if (first === undefined || issues.some(({ code }) => code !== "TRANSITION_NOT_ALLOWED")) {
    return undefined;
  }
  const from = current === undefined ? undefined : stateOf(current);
  const wanted = wantedState(intent);
  const { message } = first;
  if (from === undefined) {
    const { status = "None", substatus = "None" } = wanted;
    const allowed = allowedTransitions({ status });
    const to = { status, substatus };
    return { kind: "invalidTransition", message, from, to, allowed, issues };
  }
  const { to } = checkTransition(from, wanted);
  const allowed = allowedTransitions(from);
  return { kind: "invalidTransition", message, from, to, allowed, issues };
}

function wantedState(intent: UpdateIntent): Partial<ReferralState> {
  if (intent.changes !== undefined) {
    const { status, substatus } = intent.changes;
    return { ...(status ? { status } : {}), ...(substatus ? { substatus } : {}) };
  }
  const valueAt = (path: string): unknown =>
    intent.patch.findLast((operation) => operation.path === path)?.value;
  return {
    status: valueAt("/status") as ReferralState["status"] | undefined,
    substatus: valueAt("/substatus") as ReferralState["substatus"] | undefined,
  };
}
