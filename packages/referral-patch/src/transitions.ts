import { type Issue, note } from "./issue.ts";
import type { Referral } from "./schema/referral.ts";
import {
  type ReferralState,
  type ReferralStatus,
  type ReferralSubstatus,
  referralStatuses,
  referralSubstatuses,
} from "./schema/vocabulary.ts";

type Rule = { mayBecome: readonly ReferralStatus[]; substatuses: readonly ReferralSubstatus[] };

/** What each status may become and the substatuses allowed while in it, as the vendor prints it. */
export const transitionTable: Readonly<Record<Exclude<ReferralStatus, "None">, Rule>> = {
  New: { mayBecome: ["New", "Active", "Closed"], substatuses: ["Pending", "Received"] },
  Active: { mayBecome: ["Active", "Closed"], substatuses: ["Accepted"] },
  Closed: { mayBecome: ["Closed"], substatuses: ["Won", "Lost", "Declined", "Expired"] },
};

/**
 * A rule stricter than the table, e.g. "`Won` only after `Accepted`". Asked only about steps the
 * table allows, and only when the current state is known.
 */
export type TransitionPolicy = (from: ReferralState, to: ReferralState) => boolean;

/** Options of everything that checks a transition. */
export type TransitionOptions = { policy?: TransitionPolicy };

/** The half or both halves of a state that a caller wants. */
export type TransitionTarget = { status?: ReferralStatus; substatus?: ReferralSubstatus };

/** Whether a step is allowed, the state it leads to, and what would have been allowed instead. */
export type TransitionResult =
  | { ok: true; to: ReferralState }
  | { ok: false; issues: Issue[]; to: ReferralState; allowed: ReferralState[] };

const ruleOf = (status: string): Rule | undefined =>
  Object.hasOwn(transitionTable, status)
    ? transitionTable[status as keyof typeof transitionTable]
    : undefined;

const everyState: readonly ReferralState[] = Object.entries(transitionTable).flatMap(
  ([status, rule]) =>
    rule.substatuses.map((substatus) => ({ status: status as ReferralStatus, substatus })),
);

const isSame = (a: ReferralState, b: ReferralState): boolean =>
  a.status === b.status && a.substatus === b.substatus;

/** A referral's state; what is absent or not documented reads as `None`. */
export function stateOf(referral: Pick<Referral, "status" | "substatus">): ReferralState {
  const { status, substatus } = referral as Partial<ReferralState>;
  return {
    status: status && referralStatuses.includes(status) ? status : "None",
    substatus: substatus && referralSubstatuses.includes(substatus) ? substatus : "None",
  };
}

/** Fills in the half of a target the caller left open; `None` where that is not possible. */
function complete(from: ReferralState | undefined, to: TransitionTarget): ReferralState {
  const status = to.status ?? from?.status ?? "None";
  if (to.substatus !== undefined) return { status, substatus: to.substatus };
  const choices = ruleOf(status)?.substatuses ?? [];
  if (from && (status === from.status || choices.includes(from.substatus)))
    return { status, substatus: from.substatus };
  return { status, substatus: (choices.length === 1 && choices[0]) || "None" };
}

/** {@link checkTransition} for a referral whose state may be unknown: then only the target is checked. */
export function resolveTransition(
  from: ReferralState | undefined,
  target: TransitionTarget,
  policy?: TransitionPolicy,
): TransitionResult {
  const to = complete(from, target);
  if (from && isSame(from, to)) return { ok: true, to };
  const issues: Issue[] = [];
  const rule = ruleOf(to.status);
  const choices = rule?.substatuses.join(", ");
  const refuse = (path: string, message: string) =>
    note(issues, "TRANSITION_NOT_ALLOWED", path, message);

  if (!rule) {
    if (target.status !== undefined)
      refuse("/status", `A referral cannot be set to status ${to.status}`);
    // A substatus alone on an unknown status: the documents are silent, the upstream decides.
    else if (!everyState.some((state) => state.substatus === to.substatus))
      refuse("/substatus", `No status has substatus ${to.substatus}`);
  } else if (to.substatus === "None" && target.substatus === undefined) {
    const message = `Status ${to.status} needs a substatus: one of ${choices}`;
    note(issues, "SUBSTATUS_REQUIRED", "/substatus", message);
  } else if (!rule.substatuses.includes(to.substatus)) {
    refuse("/substatus", `Substatus ${to.substatus} is not one of ${to.status}'s: ${choices}`);
  }
  if (from && rule && ruleOf(from.status)?.mayBecome.includes(to.status) === false)
    refuse("/status", `Status ${from.status} cannot become ${to.status}`);
  if (from && issues.length === 0 && policy?.(from, to) === false) {
    refuse(target.status === undefined ? "/substatus" : "/status", "The policy forbids this step");
  }
  if (issues.length === 0) return { ok: true, to };
  return {
    ok: false,
    issues,
    to,
    allowed: from ? allowedTransitions(from, { policy }) : [...everyState],
  };
}

/**
 * Checks one step against the documented table and the caller's stricter policy. An open substatus is
 * filled in when the new status has only one. From `None` every documented state is allowed, because
 * the documents are silent; staying as it is is always allowed.
 */
export function checkTransition(
  from: ReferralState,
  to: TransitionTarget,
  options: TransitionOptions = {},
): TransitionResult {
  return resolveTransition(from, to, options.policy);
}

/** Every state one allowed step leads to, the present one included, in the table's order. */
export function allowedTransitions(
  from: { status: ReferralStatus; substatus?: ReferralSubstatus },
  options: TransitionOptions = {},
): ReferralState[] {
  const start: ReferralState = { status: from.status, substatus: from.substatus ?? "None" };
  return everyState.filter((to) => {
    if (isSame(start, to)) return true;
    const rule = ruleOf(start.status);
    if (rule && !rule.mayBecome.includes(to.status)) return false;
    return options.policy?.(start, to) ?? true;
  });
}

/**
 * The shortest allowed way to a state: the states to pass through, the target last; empty when
 * already there. Issues when no way exists or the target is incomplete.
 */
export function planTransitions(
  from: ReferralState,
  to: TransitionTarget,
  options: TransitionOptions = {},
): { ok: true; steps: ReferralState[] } | { ok: false; issues: Issue[] } {
  const direct = resolveTransition(from, to, options.policy);
  if (isSame(from, direct.to)) return { ok: true, steps: [] };
  const queue: ReferralState[][] = [[]];
  const seen = [from];
  for (const steps of queue) {
    for (const next of allowedTransitions(steps.at(-1) ?? from, options)) {
      if (seen.some((state) => isSame(state, next))) continue;
      if (isSame(next, direct.to)) return { ok: true, steps: [...steps, next] };
      seen.push(next);
      queue.push([...steps, next]);
    }
  }
  return direct.ok ? { ok: true, steps: [direct.to] } : { ok: false, issues: direct.issues };
}
