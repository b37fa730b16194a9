import { isSameValue } from "./build-patch.ts";
import { emit, type Findings } from "./diff-findings.ts";
import { note } from "./issue.ts";
import { escapeSegment, isForbidden } from "./json-pointer.ts";
import { isRecord, jsonEqual, ownValue } from "./json-value.ts";
import { MAX_PATH } from "./limits.ts";
import {
  identityFields,
  isReadOnly,
  type RecordShape,
  referralShape,
  type Shape,
} from "./schema/shape.ts";

/*
 * Paths are written only where something differs: a place is `base`, the index of its list element if
 * it is in one (-1 if not), and the table's path from there.
 */
const pathOf = (shape: Shape | undefined, base: string, index: number): string =>
  (index < 0 ? base : `${base}/${index}`) + (shape?.path ?? "");

/** Compares two objects member by member; the table is asked only where they differ. */
export function diffMembers(
  shape: RecordShape | undefined,
  before: object,
  after: object,
  base: string,
  index: number,
  findings: Findings,
): void {
  if (findings.left-- < 0 || base.length > MAX_PATH) {
    findings.left = -1;
    return;
  }
  const old = before as Record<string, unknown>;
  const wanted = after as Record<string, unknown>;
  let common = 0;
  for (const key in wanted) {
    const now = wanted[key];
    let was = old[key];
    if (now === was) {
      if (now !== undefined) common++;
      continue;
    }
    if (now === undefined) continue;
    // A name such as "toString" finds a function on the prototype, which JSON never holds.
    if (typeof was === "function") was = undefined;
    if (was !== undefined) common++;
    // What is equal needs no table. Only what differs is looked at again, and the parts of it that are equal are not.
    if (typeof now === "object" && key !== "__proto__" && jsonEqual(was, now, 0, findings))
      continue;
    const field = shape?.fields.get(key);
    if (field) diffValue(field, was, now, base, index, findings);
    else if (shape === referralShape) diffForeign(key, findings);
    else {
      const at = `${pathOf(shape, base, index)}/${escapeSegment(key)}`;
      if (isForbidden(key))
        note(findings.issues, "FORBIDDEN_SEGMENT", at, "This property name is never accepted");
      else diffValue(undefined, was, now, at, -1, findings);
    }
  }
  for (const _ in old) common--;
  if (common !== 0) reportRemoved(shape, old, wanted, pathOf(shape, base, index), findings);
}

function reportRemoved(
  shape: RecordShape | undefined,
  old: Record<string, unknown>,
  wanted: Record<string, unknown>,
  path: string,
  findings: Findings,
): void {
  for (const key in old) {
    if (old[key] === undefined || ownValue(wanted, key) !== undefined) continue;
    if (shape === referralShape && isReadOnly(key)) continue;
    const at = `${path}/${escapeSegment(key)}`;
    note(findings.issues, "CANNOT_REMOVE", at, "A property cannot be removed, only set to null");
  }
}

function diffValue(
  shape: Shape | undefined,
  was: unknown,
  now: unknown,
  base: string,
  index: number,
  findings: Findings,
): void {
  if (Array.isArray(was) && Array.isArray(now) && shape?.kind === "list")
    diffList(shape, was, now, findings);
  else if (isRecord(was) && isRecord(now))
    diffMembers(shape as RecordShape | undefined, was, now, base, index, findings);
  else if (!isSameValue(shape, was, now))
    emit(shape, was, now, pathOf(shape, base, index), findings);
}

function keyOf(element: unknown, key: string): string {
  const value = isRecord(element) ? element[key] : undefined;
  return typeof value !== "string" ? "" : key === "email" ? value.toLowerCase() : value;
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
  findings: Findings,
): void {
  const { key = "id", item, path } = shape;
  findings.rank = shape.rank;
  // Most lists agree from the start, and need no more than this.
  let start = 0;
  while (start < was.length && start < now.length) {
    if (!jsonEqual(was[start], now[start], 0, findings)) {
      if (keyOf(was[start], key) !== keyOf(now[start], key)) break;
      diffValue(item, was[start], now[start], path, start, findings);
    }
    start++;
  }
  if (start < was.length || start < now.length) diffRest(shape, was, now, start, findings);
  findings.rank = undefined;
}

/** The part of two lists from where they stop agreeing. */
function diffRest(
  shape: Shape,
  was: readonly unknown[],
  now: readonly unknown[],
  start: number,
  findings: Findings,
): void {
  const { key = "id", item, path } = shape;
  const places = new Map<string, number[]>();
  for (let index = start; index < was.length; index++) {
    const name = keyOf(was[index], key);
    const indexes = places.get(name);
    if (indexes) indexes.push(index);
    else places.set(name, [index]);
  }
  const added: number[] = [];
  let isWhole = true;
  let last = -1;
  for (let index = start; index < now.length; index++) {
    const place = places.get(keyOf(now[index], key))?.shift();
    if (place === undefined) {
      added.push(index);
      continue;
    }
    if (place < last) {
      isWhole = false;
      note(
        findings.issues,
        "CANNOT_REORDER",
        `${path}/${place}`,
        "An element cannot be moved in its list",
      );
    }
    last = Math.max(last, place);
    if (!jsonEqual(was[place], now[index], 0, findings))
      diffValue(item, was[place], now[index], path, place, findings);
  }
  for (const place of [...places.values()].flat()) {
    isWhole = false;
    note(
      findings.issues,
      "CANNOT_REMOVE",
      `${path}/${place}`,
      "An element cannot be removed from its list",
    );
  }

  // Places in the wanted list are places in the result only while nothing is missing from it.
  let length = was.length;
  for (const index of added) {
    const place = isWhole && index < length ? index : "-";
    emit(item, undefined, now[index], `${path}/${place}`, findings);
    length++;
  }
}

/** Compares a top-level property that cannot be written. */
function diffForeign(key: string, { issues }: Findings): void {
  if (identityFields.has(key))
    note(issues, "READ_ONLY_PATH", `/${key}`, `/${key} cannot be changed`);
  else if (!isReadOnly(key))
    note(issues, "UNKNOWN_PATH", `/${escapeSegment(key)}`, "Not known to be writable");
}
