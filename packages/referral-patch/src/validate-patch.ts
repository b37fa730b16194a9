import { applyOperations } from "./apply-patch.ts";
import type { PatchOptions } from "./build-patch.ts";
import { type Issue, type IssueCode, MAX_ISSUES, note, refused } from "./issue.ts";
import { isPositional, toPointer } from "./json-pointer.ts";
import { isRecord, type JsonValue, leftAfter, takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_OPERATIONS, OPERATION_DEPTH } from "./limits.ts";
import { locate, segmentsOf } from "./locate.ts";
import {
  isStateOperation,
  type PatchOperation,
  type PatchResult,
  type ReferralPatch,
} from "./patch.ts";
import { checkValue } from "./schema/check.ts";
import { resolveTransition, stateOf, type TransitionTarget } from "./transitions.ts";

/**
 * Checks a raw JSON Patch: operations, paths, values, limits, and the transition when `current` is
 * known. Issues and warnings point into the given array, e.g. `/0/value/email`. Never throws; the
 * returned operations are copies and hold only `op`, `path` and `value`.
 */
export function validatePatch(operations: unknown, options: PatchOptions = {}): PatchResult {
  const { limits, current } = options;
  const { maxOperations = MAX_OPERATIONS, maxBodyBytes = MAX_BODY_BYTES } = limits ?? {};
  const maxDepth = limits?.maxDepth ?? MAX_DEPTH;
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  const rules = { maxBytes: maxBodyBytes, maxDepth: maxDepth + OPERATION_DEPTH };
  const copy = takeJson(operations, rules, issues);
  if (copy === undefined) return { ok: false, issues };
  if (!Array.isArray(copy)) return refused("Expected a list of operations", "INVALID_OPERATION");
  if (copy.length > maxOperations)
    note(issues, "TOO_MANY_OPERATIONS", "", `More than ${maxOperations} operations`);

  const patch: PatchOperation[] = [];
  for (const [index, candidate] of copy.entries()) {
    if (issues.length >= MAX_ISSUES) break;
    const operation = readOperation(candidate, `/${index}`, maxDepth, issues, warnings);
    if (operation) patch.push(operation);
  }
  if (issues.length === 0) checkState(patch, options, issues);
  if (issues.length === 0 && current) checkTargets(patch, current, issues, warnings);
  return issues.length > 0 ? { ok: false, issues } : { ok: true, patch, warnings };
}

function readOperation(
  candidate: JsonValue,
  at: string,
  maxDepth: number,
  issues: Issue[],
  warnings: Issue[],
): PatchOperation | undefined {
  // What could not be copied has been reported, and is missing here only for that reason.
  const report = (code: IssueCode, place: string, message: string) => {
    const path = at + place;
    const isReported = issues.some((earlier) => earlier.path === path || earlier.path === at);
    if (!isReported) note(issues, code, path, message);
  };
  if (!isRecord(candidate)) {
    report("INVALID_OPERATION", "", "Expected an operation: op, path and value");
    return;
  }
  const { op, path, value } = candidate as Record<string, JsonValue | undefined>;
  const isSupported = op === "add" || op === "replace";
  if (!isSupported) {
    const name = typeof op === "string" ? `"${op.slice(0, 32)}"` : "This operation";
    report("UNSUPPORTED_OPERATION", "/op", `${name}: only add and replace are supported`);
  }
  for (const key in candidate)
    if (key !== "op" && key !== "path" && key !== "value")
      note(warnings, "UNKNOWN_FIELD", at + toPointer([key]), "Not part of an operation: left out");
  if (value === undefined) report("INVALID_OPERATION", "/value", "A value is required");

  const place = locate(path, isSupported ? op : "add", `${at}/path`);
  if ("code" in place) {
    report(place.code, "/path", place.message);
    return;
  }
  if (value === undefined) return;
  if (leftAfter(value, Number.POSITIVE_INFINITY, maxDepth - place.segments.length) < 0)
    report("TOO_DEEP", "/value", `Nested deeper than ${maxDepth} levels`);
  else if (place.shape) checkValue(place.shape, value, `${at}/value`, issues, warnings);
  else note(warnings, "UNKNOWN_PATH", `${at}/path`, "Not documented here: sent as it is");
  if (place.segments[0] === "target")
    note(warnings, "UNDOCUMENTED_PATH", `${at}/path`, "Not documented whether target can change");
  return isSupported ? { op, path: path as string, value } : undefined;
}

function checkState(patch: PatchOperation[], options: PatchOptions, issues: Issue[]): void {
  const target: Record<string, unknown> = {};
  const places: Record<string, number> = {};
  for (const [index, operation] of patch.entries()) {
    if (!isStateOperation(operation)) continue;
    const { path, value } = operation;
    if (path in places)
      note(issues, "STATUS_CHANGED_TWICE", `/${index}`, "The upstream would miss the step between");
    places[path] = index;
    target[path.slice(1)] = value;
  }
  const [fallback] = Object.values(places);
  if (fallback === undefined) return;
  const from = options.current && stateOf(options.current);
  const result = resolveTransition(from, target as TransitionTarget, options.policy);
  if (result.ok) return;
  for (const { code, path, message } of result.issues)
    note(issues, code, `/${places[path] ?? fallback}/value`, message);
}

/**
 * Says which operations find nothing to write to. A missing list element is an issue; a missing
 * member only a warning, since the documents do not say whether the vendor insists on RFC 6902 there.
 */
function checkTargets(
  patch: PatchOperation[],
  current: NonNullable<PatchOptions["current"]>,
  issues: Issue[],
  warnings: Issue[],
): void {
  const result = applyOperations(current, patch);
  if (result.ok) return;
  const segments = segmentsOf(patch[result.index]?.path) ?? [];
  (segments.some(isPositional) ? issues : warnings).push(result.issue);
}

/**
 * Whether deciding about a raw patch needs the referral's current state: it touches status or
 * substatus.
 */
export function patchNeedsState(patch: ReferralPatch): boolean {
  return patch.some(isStateOperation);
}
