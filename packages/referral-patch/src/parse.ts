import type * as z from "zod";
import { type Issue, note } from "./issue.ts";
import { takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH } from "./limits.ts";
import { type ReferralChanges, referralChangesSchema } from "./schema/changes.ts";
import { parseWith } from "./schema/check.ts";
import { type Referral, referralSchema } from "./schema/referral.ts";

/**
 * Reads a referral as the vendor answers it. Lenient: only `id` and `status` must be usable, unknown
 * properties and enum values are kept. Never throws; the result shares nothing with the input.
 */
export function parseReferral(
  doc: unknown,
): { ok: true; referral: Referral } | { ok: false; issues: Issue[] } {
  const issues: Issue[] = [];
  const rules = { maxBytes: MAX_DOCUMENT_BYTES, maxDepth: MAX_DOCUMENT_DEPTH, isLenient: true };
  const referral = take(referralSchema, doc, rules, issues);
  return referral && issues.length === 0 ? { ok: true, referral } : { ok: false, issues };
}

/**
 * Reads what a caller wants changed. Strict: an unknown field, a value of the wrong kind and anything
 * that is not JSON is an issue, and all of them are reported (at most 100). Members that are
 * `undefined` count as absent. Never throws, and costs no more than the limits allow.
 */
export function parseReferralChanges(
  input: unknown,
): { ok: true; changes: ReferralChanges } | { ok: false; issues: Issue[] } {
  const issues: Issue[] = [];
  const rules = { maxBytes: MAX_BODY_BYTES, maxDepth: MAX_DEPTH };
  const changes = take(referralChangesSchema, input, rules, issues);
  if (changes) reportDuplicates(changes, issues);
  return changes && issues.length === 0 ? { ok: true, changes } : { ok: false, issues };
}

function take<T>(
  schema: z.ZodType<T>,
  input: unknown,
  rules: Parameters<typeof takeJson>[1],
  issues: Issue[],
): T | undefined {
  const copy = takeJson(input, rules, issues);
  return copy === undefined ? undefined : parseWith(schema, copy, "", issues);
}

// Two updates of one person could contradict each other, and neither is the obvious winner.
function reportDuplicates(changes: ReferralChanges, issues: Issue[]): void {
  const seen = new Set<string>();
  changes.team?.update?.forEach((member, index) => {
    const email = member.email.toLowerCase();
    if (seen.has(email))
      note(
        issues,
        "DUPLICATE_MEMBER",
        `/team/update/${index}/email`,
        "This person is updated twice",
      );
    seen.add(email);
  });
}
