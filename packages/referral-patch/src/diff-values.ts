import { isSameValue } from "./build-patch.ts";
import { type Issue, type issue, note } from "./issue.ts";
import { escapeSegment } from "./json-pointer.ts";
import { isRecord, jsonEqual, ownValue, takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DEPTH } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";
import { checkValue } from "./schema/check.ts";
import { type RecordShape, readOnlyFields, referralShape, type Shape } from "./schema/shape.ts";

/** What a comparison found so far. */
export type Findings = {
  found: { rank: number; operation: PatchOperation }[];
  issues: Issue[];
  warnings: Issue[];
  /** Objects that may still be compared. */
  left: number;
  /** Of the list being compared: its operations stay together, since they move each other's places. */
  rank?: number;
};

/** Characters of the deepest path followed; keeps circular documents from exhausting the stack. */
const MAX_PATH = 2_000;

/** Order of what the table does not know: after everything it knows. */
const UNKNOWN_RANK = 1_000;

// A name such as "toString" finds a function on the prototype, which JSON never holds.
const present = (value: unknown): unknown => (typeof value === "function" ? undefined : value);

/** Compares two objects member by member. The hot loop: the table is asked only where they differ. */
export function diffMembers(
  shape: RecordShape | undefined,
  before: object,
  after: object,
  path: string,
  findings: Findings,
): void {
  if (findings.left-- < 0 || path.length > MAX_PATH) {
    findings.left = -1;
    return;
  }
  const old = before as Record<string, unknown>;
  const wanted = after as Record<string, unknown>;
  for (const key in wanted) {
    const now = wanted[key];
    if (now === old[key] || now === undefined) continue;
    const was = present(old[key]);
    const field = shape?.fields.get(key);
    if (shape === referralShape && !field) diffForeign(key, was, now, findings);
    else diffValue(field, was, now, `${path}/${escapeSegment(key)}`, findings);
  }
  for (const key in old) {
    if (old[key] === undefined || present(wanted[key]) !== undefined) continue;
    if (shape === referralShape && readOnlyFields.has(key)) continue;
    const at = `${path}/${escapeSegment(key)}`;
    note(findings.issues, "CANNOT_REMOVE", at, "A property cannot be removed, only set to null");
  }
}

function diffValue(
  shape: Shape | undefined,
  was: unknown,
  now: unknown,
  path: string,
  findings: Findings,
): void {
  if (isRecord(was) && isRecord(now))
    diffMembers(shape as RecordShape | undefined, was, now, path, findings);
  else if (shape?.kind === "list" && Array.isArray(was) && Array.isArray(now))
    diffList(shape, was, now, path, findings);
  else if (!isSameValue(shape, was, now)) emit(shape, was, now, path, findings);
}

/**
 * Compares two lists whose elements have a key. Elements both have are compared field by field, new
 * ones added where they stand; a removed element or another order is an issue. The n-th element of a
 * key matches the n-th of the same key, so duplicates are no special case.
 */
function diffList(
  shape: Shape,
  was: readonly unknown[],
  now: readonly unknown[],
  path: string,
  findings: Findings,
): void {
  const { key = "id", item } = shape;
  const outerRank = findings.rank;
  findings.rank ??= shape.rank;
  const keyOf = (element: unknown): string => {
    const value = ownValue(element, key);
    return typeof value !== "string" ? "" : key === "email" ? value.toLowerCase() : value;
  };
  const places = new Map<string, number[]>();
  was.forEach((element, index) => {
    const indexes = places.get(keyOf(element));
    if (indexes) indexes.push(index);
    else places.set(keyOf(element), [index]);
  });

  const added: number[] = [];
  let isWhole = true;
  const refuse = (...finding: Parameters<typeof issue>) => {
    isWhole = false;
    note(findings.issues, ...finding);
  };
  let last = -1;
  now.forEach((element, index) => {
    const place = places.get(keyOf(element))?.shift();
    if (place === undefined) {
      added.push(index);
      return;
    }
    if (place < last)
      refuse("CANNOT_REORDER", `${path}/${place}`, "An element cannot be moved within its list");
    last = Math.max(last, place);
    if (element !== was[place]) diffValue(item, was[place], element, `${path}/${place}`, findings);
  });
  for (const indexes of places.values())
    for (const index of indexes)
      refuse("CANNOT_REMOVE", `${path}/${index}`, "A list element cannot be removed");

  // Places in the wanted list are places in the result only while nothing is missing from it.
  let length = was.length;
  for (const index of added) {
    emit(
      item,
      undefined,
      now[index],
      `${path}/${isWhole && index < length ? index : "-"}`,
      findings,
    );
    length++;
  }
  findings.rank = outerRank;
}

/** Adds the operation that writes a value, when it is one the vendor can take. */
function emit(
  shape: Shape | undefined,
  was: unknown,
  now: unknown,
  path: string,
  { found, issues, warnings, rank = shape?.rank ?? UNKNOWN_RANK }: Findings,
): void {
  const wrong: Issue[] = [];
  const maxDepth = Math.max(0, MAX_DEPTH - path.split("/").length + 1);
  const value = takeJson(now, { maxBytes: MAX_BODY_BYTES, maxDepth }, wrong);
  for (const finding of wrong) note(issues, finding.code, path + finding.path, finding.message);
  if (value === undefined || wrong.length > 0) return;
  if (!shape) note(warnings, "UNKNOWN_PATH", path, "Not documented here: sent as it is");
  // Plain text needs no schema, and is most of what changes.
  else if (!shape.isFree || typeof value !== "string")
    checkValue(shape, value, path, wrong, warnings);
  issues.push(...wrong);
  if (wrong.length > 0) return;
  const op = was === undefined ? "add" : "replace";
  found.push({ rank, operation: { op, path, value } });
}

/** Compares a top-level property that cannot be written. */
function diffForeign(key: string, was: unknown, now: unknown, findings: Findings): void {
  const owner = readOnlyFields.get(key);
  if (owner === "serverOwned" || jsonEqual(was, now)) return;
  if (owner) note(findings.issues, "READ_ONLY_PATH", `/${key}`, `/${key} cannot be changed`);
  else note(findings.issues, "UNKNOWN_PATH", `/${escapeSegment(key)}`, "Not known to be writable");
}
