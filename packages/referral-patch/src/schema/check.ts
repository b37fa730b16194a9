import type * as z from "zod";
import { type Issue, type IssueCode, note } from "../issue.ts";
import { escapeSegment, toPointer } from "../json-pointer.ts";
import { isRecord } from "../json-value.ts";
import type { Shape } from "./shape.ts";

const isBelow = (path: string, ancestor: string): boolean => `${path}/`.startsWith(`${ancestor}/`);

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
  const add = (list: Issue[], code: IssueCode, path: string, message: string) => {
    if (!reported.some((earlier) => isBelow(path, earlier))) note(list, code, path, message);
  };
  for (const finding of result.error.issues) {
    const path = at + toPointer(finding.path);
    if (finding.code !== "unrecognized_keys") add(issues, "INVALID_VALUE", path, finding.message);
    else
      for (const key of finding.keys) {
        const place = `${path}/${escapeSegment(key)}`;
        const name = `"${key.slice(0, 64)}" is not`;
        if (unknown === issues)
          add(issues, "UNKNOWN_FIELD", place, `${name} a field that can be changed`);
        else add(unknown, "UNKNOWN_PATH", place, `${name} documented here: sent as it is`);
      }
  }
  return undefined;
}

/** Checks a value for a writable place: what is wrong goes to `issues`, what is odd to `warnings`. */
export function checkValue(
  shape: Shape,
  value: unknown,
  at: string,
  issues: Issue[],
  warnings: Issue[],
): void {
  if (!shape.accepts?.(value)) parseWith(shape.schema, value, at, issues, warnings);
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
  if (!shape.fields || !isRecord(value)) return;
  for (const key in value) {
    const field = shape.fields.get(key);
    if (field) warnUnknownValues(field, value[key], `${at}/${key}`, warnings);
  }
}
