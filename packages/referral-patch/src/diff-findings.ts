import { type Issue, note } from "./issue.ts";
import { type JsonValue, takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DEPTH } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";
import { checkValue } from "./schema/check.ts";
import { type Shape, UNKNOWN_RANK } from "./schema/shape.ts";

/** What a comparison found so far. */
export type Findings = {
  /** Operations with their places in the fixed order. */
  steps: { rank: number; operation: PatchOperation }[];
  issues: Issue[];
  warnings: Issue[];
  /** Objects that may still be compared. */
  left: number;
  /** Of the list being compared: its operations stay together, since they move each other's places. */
  rank?: number;
};

/** Adds the operation that writes a value, when it is one the vendor can take. */
export function emit(
  shape: Shape | undefined,
  was: unknown,
  now: unknown,
  path: string,
  findings: Findings,
): void {
  if (!isPlainlyFine(shape, now)) {
    const wrong: Issue[] = [];
    const maxDepth = Math.max(0, MAX_DEPTH - path.split("/").length + 1);
    const value = takeJson(now, { maxBytes: MAX_BODY_BYTES, maxDepth }, wrong);
    for (const finding of wrong) finding.path = path + finding.path;
    if (wrong.length === 0) {
      if (shape) checkValue(shape, value, path, wrong, findings.warnings);
      else note(findings.warnings, "UNKNOWN_PATH", path, "Not documented here: sent as it is");
    }
    for (const { code, path: at, message } of wrong) note(findings.issues, code, at, message);
    if (value === undefined || wrong.length > 0) return;
    now = value;
  }
  const rank = findings.rank ?? shape?.rank ?? UNKNOWN_RANK;
  const op = was === undefined ? "add" : "replace";
  findings.steps.push({ rank, operation: { op, path, value: now as JsonValue } });
}

/** The values that make up most changes, told without a copy or a schema. */
function isPlainlyFine(shape: Shape | undefined, value: unknown): boolean {
  if (typeof value === "string" && (value.length > MAX_BODY_BYTES || !value.isWellFormed()))
    return false;
  return shape?.accepts?.(value) === true && !shape.known;
}
