import { put } from "./apply-patch.ts";
import { checkSize } from "./check-size.ts";
import { type Issue, note } from "./issue.ts";
import { isForbidden, isPositional } from "./json-pointer.ts";
import { segmentsOf } from "./locate.ts";
import { isStateOperation, type PatchOperation, type ReferralPatch } from "./patch.ts";
import { patchNeedsState } from "./validate-patch.ts";

type Step = PatchOperation & { segments: readonly string[] };

const isPrefix = (a: readonly string[], b: readonly string[]): boolean =>
  a.every((segment, index) => segment === b[index]);

/** Whether an operation adds an element to a list, moving or following those that are there. */
export const isInsert = ({ op, path }: Pick<PatchOperation, "op" | "path">): boolean =>
  op === "add" && isPositional(path.slice(path.lastIndexOf("/") + 1));

const touches = (a: Step, b: Step): boolean =>
  isPrefix(a.segments, b.segments) || isPrefix(b.segments, a.segments);

/** `earlier` then `later` as one operation, `undefined` when that takes two, `false` when it must fail. */
function fold(earlier: Step, later: Step): Step | undefined | false {
  // Positions mean different elements at different times, so places in lists are left as they are.
  if (earlier.segments.some(isPositional) || !isPrefix(earlier.segments, later.segments)) return;
  const below = later.segments.slice(earlier.segments.length);
  const value = put(earlier.value, below, later.op, later.value);
  return value !== undefined && { ...earlier, value };
}

/**
 * Writes a patch with fewer operations and exactly the same meaning for every document, failures
 * included; `undefined` when it can succeed on none. Only a value this patch wrote itself is folded: a
 * `replace` superseded by a write to its parent stays, because it fails where its member is absent.
 */
export function compactPatch(patch: ReferralPatch): PatchOperation[] | undefined {
  const steps: Step[] = [];
  for (const operation of patch) {
    const segments = segmentsOf(operation.path);
    const { op, path, value } = operation;
    if (!segments || segments.some(isForbidden) || (op !== "add" && op !== "replace")) return;
    const step = { op, path, value, segments };
    const index = steps.findLastIndex((earlier) => touches(earlier, step));
    const earlier = steps[index];
    const folded = earlier && fold(earlier, step);
    if (folded === false) return;
    if (folded) steps[index] = folded;
    else steps.push(step);
  }
  return steps.map(({ op, path, value }) => ({ op, path, value }));
}

/** One patch that does what two in a row do, or the reason there is none. */
export type MergeResult = { ok: true; patch: PatchOperation[] } | { ok: false; reason: Issue };

/**
 * Joins two patches: applying the result equals applying `a` and then `b`, for every referral,
 * failures included. Refused when both change the state (`STATUS_CHANGED_TWICE`: the upstream would miss the
 * step between), when `b` cannot apply after `a` (`CONFLICTING_PATCHES`), or when the result is over
 * the limits.
 */
export function mergePatches(a: ReferralPatch, b: ReferralPatch): MergeResult {
  const joined = [...a, ...b];
  const states = joined.filter(isStateOperation).map(({ path }) => path);
  const issues: Issue[] = [];
  if ((patchNeedsState(a) && patchNeedsState(b)) || new Set(states).size < states.length)
    note(issues, "STATUS_CHANGED_TWICE", "/status", "Two changes of the state never merge");
  const patch = compactPatch(joined);
  if (patch) checkSize(patch, undefined, issues);
  else note(issues, "CONFLICTING_PATCHES", "", "The second patch cannot apply after the first");
  const [reason] = issues;
  return patch && !reason ? { ok: true, patch } : { ok: false, reason: reason as Issue };
}
