import { isDecimal } from "./decimal.ts";
import { type Issue, note } from "./issue.ts";
import { takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DEPTH } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";
import { checkValue } from "./schema/check.ts";
import type { Shape } from "./schema/shape.ts";

/** What a comparison found so far. */
export type Findings = {
  patch: PatchOperation[];
  /** Of each operation: its place in the fixed order. */
  ranks: number[];
  /** Whether the operations stand in that order already. */
  isOrdered: boolean;
  /** At least the bytes of the patch's JSON: while it is small, nobody needs to count exactly. */
  roughBytes: number;
  issues: Issue[];
  warnings: Issue[];
  /** Objects that may still be compared. */
  left: number;
  /** Of the list being compared: its operations stay together, since they move each other's places. */
  rank?: number;
};

/** Order of what the table does not know: after everything it knows. */
const UNKNOWN_RANK = 1_000;

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
  const operation = { op: was === undefined ? "add" : "replace", path, value: now };
  findings.patch.push(operation as PatchOperation);
  const rank = findings.rank ?? shape?.rank ?? UNKNOWN_RANK;
  if (rank < (findings.ranks.at(-1) ?? 0)) findings.isOrdered = false;
  findings.ranks.push(rank);
  findings.roughBytes +=
    typeof now === "string" ? 6 * (now.length + path.length) + 50 : MAX_BODY_BYTES;
}

/** The values that make up most changes, told without a copy or a schema. */
function isPlainlyFine(shape: Shape | undefined, value: unknown): boolean {
  if (typeof value === "string" && (value.length > MAX_BODY_BYTES || !value.isWellFormed()))
    return false;
  if (shape?.kind === "decimal") return isDecimal(value);
  return shape?.isFree === true && typeof value === "string";
}
