import { checkSize } from "./check-size.ts";
import type { Findings } from "./diff-findings.ts";
import { diffMembers } from "./diff-values.ts";
import { type Issue, issue } from "./issue.ts";
import { MAX_BODY_BYTES, MAX_OPERATIONS } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";
import type { Referral } from "./schema/referral.ts";
import { referralShape } from "./schema/shape.ts";
import { resolveTransition, stateOf, type TransitionOptions } from "./transitions.ts";

/** A patch that says the whole difference; or the part that can be said and issues naming the rest. */
export type DiffResult =
  | { ok: true; patch: PatchOperation[]; warnings: Issue[] }
  | { ok: false; issues: Issue[]; patch: PatchOperation[]; warnings: Issue[] };

/**
 * Objects compared before giving up: far beyond any referral, small enough for circular input. Equal objects beside one that
 * differs count once for each level above it.
 */
const MAX_COMPARED = 200_000;

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
    patch: [],
    ranks: [],
    isOrdered: true,
    roughBytes: 2,
    issues: [],
    warnings: [],
    left: MAX_COMPARED,
    rank: undefined,
  };
  diffMembers(referralShape, before, after, "", -1, findings);
  const { issues, warnings } = findings;
  if (findings.left < 0) issues.push(issue("TOO_LARGE", "", "Too much to compare, or in a circle"));
  let patch = inOrder(findings);
  if (patch.some(isStateOperation)) {
    const result = resolveTransition(stateOf(before), stateOf(after), options.policy);
    if (!result.ok) {
      issues.push(...result.issues);
      patch = patch.filter((operation) => !isStateOperation(operation));
    }
  }
  if (patch.length > MAX_OPERATIONS || findings.roughBytes > MAX_BODY_BYTES)
    checkSize(patch, undefined, issues);
  return issues.length > 0 ? { ok: false, issues, patch, warnings } : { ok: true, patch, warnings };
}

function inOrder({ patch, ranks, isOrdered }: Findings): PatchOperation[] {
  if (isOrdered) return patch;
  const order = [...patch.keys()].sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0));
  return order.map((index) => patch[index] as PatchOperation);
}

const isStateOperation = ({ path }: PatchOperation): boolean =>
  path === "/status" || path === "/substatus";
