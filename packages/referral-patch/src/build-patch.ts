import { checkSize } from "./check-size.ts";
import { decimalsEqual } from "./decimal.ts";
import { type Issue, note } from "./issue.ts";
import { isRecord, type JsonValue, jsonEqual, ownValue } from "./json-value.ts";
import type { PatchLimits } from "./limits.ts";
import { parseReferralChanges } from "./parse.ts";
import type { PatchOperation, PatchResult } from "./patch.ts";
import type { Member, ReferralChanges } from "./schema/changes.ts";
import { warnUnknownValues } from "./schema/check.ts";
import type { Referral } from "./schema/referral.ts";
import { type RecordShape, referralShape, type Shape } from "./schema/shape.ts";
import { resolveTransition, stateOf, type TransitionPolicy } from "./transitions.ts";

/** Options of {@link validatePatch}, and of {@link buildPatch} too. */
export type PatchOptions = {
  /** The referral as it is upstream now, when known. */
  current?: Referral;
  /** A rule stricter than the documented table; asked only when `current` is given. */
  policy?: TransitionPolicy;
  limits?: PatchLimits;
};

/** Options of {@link buildPatch}. */
export type BuildOptions = PatchOptions & {
  /**
   * The changes are what {@link parseReferralChanges} answered, untouched: they are not checked again, which halves the work. The
   * patch then shares their values. Default false.
   */
  isParsed?: boolean;
};

/** Whether two values of a writable place mean the same; money compares as a decimal. */
export const isSameValue = (shape: Shape | undefined, a: unknown, b: unknown): boolean =>
  jsonEqual(a, b) ||
  (shape?.kind === "decimal" && decimalsEqual(a as string | number, b as string | number));

/**
 * Turns what a caller wants into the smallest patch that says it, in a fixed order. Without `current`
 * every field becomes a `replace`; with it, an absent member becomes an `add`, an absent parent is
 * added with its fields, and an equal field nothing. The changes are checked as by
 * {@link parseReferralChanges}; issues point into the changes.
 */
export function buildPatch(changes: ReferralChanges, options: BuildOptions = {}): PatchResult {
  const parsed = options.isParsed ? { ok: true as const, changes } : parseReferralChanges(changes);
  if (!parsed.ok) return parsed;
  const { current, policy } = options;
  const { team, ...fields } = parsed.changes;
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  const patch: PatchOperation[] = [];

  if (fields.status !== undefined || fields.substatus !== undefined) {
    const { status, substatus } = fields;
    const result = resolveTransition(current && stateOf(current), { status, substatus }, policy);
    if (!result.ok) issues.push(...result.issues);
    else if (status !== undefined && result.to.substatus !== "None")
      fields.substatus = result.to.substatus;
  }
  setFields(referralShape, fields, current, "", patch);
  if (team) setTeam(team, current, patch, issues);
  warnUnknownValues(referralShape, fields, "", warnings);
  checkSize(patch, options.limits, issues);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, patch, warnings };
}

/** Writes wanted fields below `path`; `current` is the object there, `undefined` when not known. */
function setFields(
  shape: RecordShape,
  wanted: object,
  current: unknown,
  path: string,
  patch: PatchOperation[],
): void {
  for (const [key, field] of shape.fields) {
    const value = ownValue(wanted, key) as JsonValue | undefined;
    if (value === undefined) continue;
    const before = ownValue(current, key);
    const at = `${path}/${key}`;
    const isParent = field.fields !== undefined && isRecord(value);
    if (isParent && (current === undefined || isRecord(before))) {
      setFields(field as RecordShape, value, before, at, patch);
      continue;
    }
    const whole = isParent ? withoutEmpty(field as RecordShape, value) : value;
    if (whole === undefined || (before !== undefined && isSameValue(field, before, whole)))
      continue;
    const isThere = current === undefined || before !== undefined;
    patch.push({ op: isThere && !isParent ? "replace" : "add", path: at, value: whole });
  }
}

/** A wanted object in the order of the table, without parts in which nothing is wanted. */
function withoutEmpty(shape: RecordShape, wanted: object): JsonValue | undefined {
  const kept: Record<string, JsonValue> = {};
  for (const [key, field] of shape.fields) {
    const value = ownValue(wanted, key) as JsonValue | undefined;
    const part =
      field.fields && isRecord(value) ? withoutEmpty(field as RecordShape, value) : value;
    if (part !== undefined) kept[key] = part;
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

const emailOf = (member: unknown): string => String(ownValue(member, "email") ?? "").toLowerCase();

function setTeam(
  team: NonNullable<ReferralChanges["team"]>,
  current: Referral | undefined,
  patch: PatchOperation[],
  issues: Issue[],
): void {
  const before: unknown = current?.team;
  const members: unknown[] = Array.isArray(before) ? before : [];
  team.update?.forEach((member, index) => {
    const at = `/team/update/${index}`;
    const place = members.findIndex((other) => emailOf(other) === emailOf(member));
    const { email: _key, ...fields } = member;
    if (!current)
      note(issues, "NEEDS_CURRENT_STATE", at, "A member's place is known only from current");
    else if (place < 0) note(issues, "MEMBER_NOT_FOUND", at, "Nobody in the team has this e-mail");
    else
      setFields(
        referralShape.fields.get("team")?.item as RecordShape,
        fields,
        members[place],
        `/team/${place}`,
        patch,
      );
  });

  const seen = new Set(members.map(emailOf));
  const added: Member[] = [];
  for (const member of team.add ?? []) {
    const email = emailOf(member);
    if (!seen.has(email)) added.push(member);
    seen.add(email);
  }
  if (current && !Array.isArray(before) && added.length > 0)
    patch.push({ op: "add", path: "/team", value: added as JsonValue });
  else
    for (const member of added)
      patch.push({ op: "add", path: "/team/-", value: member as JsonValue });
}

/**
 * Whether deciding about changes needs the referral's current state: they touch status, substatus or
 * the team.
 */
export function changesNeedState(changes: ReferralChanges): boolean {
  const { status, substatus, team } = changes;
  return (
    status !== undefined || substatus !== undefined || !!team?.add?.length || !!team?.update?.length
  );
}
