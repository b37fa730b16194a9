import type * as z from "zod";
import { type Issue, issue, MAX_ISSUES, note } from "../issue.ts";
import { escapeSegment, toPointer } from "../json-pointer.ts";
import { isRecord } from "../json-value.ts";
import type { Shape } from "./shape.ts";

const isBelow = (path: string, ancestor: string): boolean =>
  path === ancestor || path.startsWith(`${ancestor}/`);

/**
 * Parses plain data with a schema and adds every finding to `issues`, except where something was
 * reported before. Unknown fields go to `unknown`, which may be another list than `issues`.
 */
export function parseWith<T>(
  schema: z.ZodType<T>,
  data: unknown,
  at: string,
  issues: Issue[],
  unknown: Issue[] = issues,
): T | undefined {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const reported = issues.map((earlier) => earlier.path);
  const add = (list: Issue[], finding: Issue) => {
    const isKnown = reported.some((path) => isBelow(finding.path, path));
    if (!isKnown && list.length < MAX_ISSUES) list.push(finding);
  };
  for (const finding of result.error.issues) {
    const path = at + toPointer(finding.path);
    if (finding.code === "unrecognized_keys") {
      for (const key of finding.keys)
        add(unknown, unknownField(`${path}/${escapeSegment(key)}`, key, unknown === issues));
    } else add(issues, issue("INVALID_VALUE", path, finding.message));
  }
  return undefined;
}

function unknownField(path: string, key: string, isRefused: boolean): Issue {
  const name = key.slice(0, 64);
  return isRefused
    ? issue("UNKNOWN_FIELD", path, `"${name}" is not a field that can be changed`)
    : issue("UNKNOWN_PATH", path, `"${name}" is not documented here: sent as it is`);
}

/** Checks a value for a writable place: what is wrong goes to `issues`, what is odd to `warnings`. */
export function checkValue(
  shape: Shape,
  value: unknown,
  at: string,
  issues: Issue[],
  warnings: Issue[],
): void {
  parseWith(shape.schema, value, at, issues, warnings);
  warnUnknownValues(shape, value, at, warnings);
}

/** Warns about values outside a list that the vendor extends without notice. */
export function warnUnknownValues(
  shape: Shape,
  value: unknown,
  at: string,
  warnings: Issue[],
): void {
  if (shape.known && typeof value === "string" && !shape.known.includes(value))
    note(warnings, "UNKNOWN_VALUE", at, "Not one of the documented values: sent as it is");
  if (shape.fields && isRecord(value))
    for (const [key, field] of shape.fields)
      warnUnknownValues(field, value[key], `${at}/${key}`, warnings);
}
