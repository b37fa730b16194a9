import { checkSize } from "./check-size.ts";
import type { Findings } from "./diff-findings.ts";
import { diffMembers } from "./diff-values.ts";
import { type Issue, note } from "./issue.ts";
import { MAX_DIFFERED } from "./limits.ts";
import { isStateOperation, type PatchOperation } from "./patch.ts";
import type { Referral } from "./schema/referral.ts";
import { referralShape } from "./schema/shape.ts";
import { resolveTransition, stateOf, type TransitionOptions } from "./transitions.ts";

/** A patch that says the whole difference; or the part that can be said and issues naming the rest. */
export type DiffResult =
  | { ok: true; patch: PatchOperation[]; warnings: Issue[] }
  | { ok: false; issues: Issue[]; patch: PatchOperation[]; warnings: Issue[] };

/**
 * The patch that turns one referral into another: field by field, list elements matched by key (people
 * by e-mail, tags and targets by id, customer ids by profile type), unchanged neighbours never
 * rewritten. Applying it to `before` gives `after`, or issues name what could not be said: removed
 * members and keys, another order, another identity, a step the table or the policy refuses. What only
 * the server writes (`eTag`, `links`, its dates) is not compared, and equal money in another spelling
 * is equal. Issues point into the referral.
 */
export function diffReferrals(
  before: Referral,
  after: Referral,
  options: TransitionOptions = {},
): DiffResult {
  const findings: Findings = {
    steps: [],
    issues: [],
    warnings: [],
    left: MAX_DIFFERED,
    rank: undefined,
  };
  diffMembers(referralShape, before, after, "", -1, findings);
  const { issues, warnings } = findings;
  if (findings.left < 0) note(issues, "TOO_LARGE", "", "Too much to compare, or in a circle");
  const steps = findings.steps.sort((a, b) => a.rank - b.rank);
  let patch = steps.map(({ operation }) => operation);
  if (patch.some(isStateOperation)) {
    const result = resolveTransition(stateOf(before), stateOf(after), options.policy);
    if (!result.ok) {
      issues.push(...result.issues);
      patch = patch.filter((operation) => !isStateOperation(operation));
    }
  }
  checkSize(patch, undefined, issues);
  return issues.length > 0 ? { ok: false, issues, patch, warnings } : { ok: true, patch, warnings };
}
