import {
  changeFields,
  referralStatusValues,
  referralSubstatusValues,
} from "@patchlane/gateway-client";
import { usageFailure } from "../failure.ts";
import { parseExactJson } from "./exact-json.ts";
import { nearest } from "./nearest.ts";

/** The value that sends null, as in a CSV's cell. */
const NULL = "\\N";

const PATHS = Object.keys(changeFields);

type FieldType = (typeof changeFields)[keyof typeof changeFields];

/** What `--set path=value` says, one after the other, put into `changes`, which is not altered. Throws usage failures. */
export function withAssignments(
  changes: Readonly<Record<string, unknown>>,
  assignments: readonly string[],
): Record<string, unknown> {
  const result = structuredClone(changes) as Record<string, unknown>;
  const seen = new Set<string>();
  for (const assignment of assignments) {
    const [path, text] = split(assignment);
    const type = typeOf(path);
    if (seen.has(path)) {
      throw usageFailure(`--set ${path} is given twice`);
    }
    seen.add(path);
    put(result, path.split("."), text === NULL ? null : fieldValue(path, type, text));
  }
  return result;
}

function split(assignment: string): [path: string, text: string] {
  const at = assignment.indexOf("=");
  if (at < 1) {
    throw usageFailure(
      `--set ${assignment}: expected FIELD=VALUE, such as details.dealValue=10000`,
    );
  }
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}

function typeOf(path: string): FieldType {
  if (Object.hasOwn(changeFields, path)) {
    return changeFields[path as keyof typeof changeFields];
  }
  const below = PATHS.filter((known) => known.startsWith(`${path}.`));
  if (below.length > 0) {
    throw usageFailure(`--set ${path}: that is a group of fields`, `It has ${below.join(", ")}.`);
  }
  const meant = nearest(path, PATHS);
  throw usageFailure(
    `--set ${path}: there is no such field`,
    meant === undefined ? "See patchlane update --help for the fields." : `Did you mean ${meant}?`,
  );
}

function fieldValue(path: string, type: FieldType, text: string): unknown {
  switch (type) {
    case "Boolean":
      if (text !== "true" && text !== "false") {
        throw usageFailure(`--set ${path}: expected true or false`);
      }
      return text === "true";
    case "ReferralStatus":
      return oneOf(path, text, referralStatusValues);
    case "ReferralSubstatus":
      return oneOf(path, text, referralSubstatusValues);
    case "String":
    case "DateTime":
    case "Decimal":
      return text;
    default:
      return listOf(path, text);
  }
}

function oneOf(path: string, text: string, values: readonly string[]): string {
  const value = values.find((known) => known.toLowerCase() === text.toLowerCase());
  if (value === undefined) {
    const meant = nearest(text, values);
    const hint =
      meant === undefined ? `Choose one of ${values.join(", ")}.` : `Did you mean ${meant}?`;
    throw usageFailure(`--set ${path}: there is no ${path} "${text}"`, hint);
  }
  return value;
}

function listOf(path: string, text: string): unknown {
  try {
    const value = parseExactJson(text);
    if (Array.isArray(value)) {
      return value;
    }
  } catch {
    // said below
  }
  throw usageFailure(
    `--set ${path}: expected a JSON list, such as '[{"email":"jane@contoso.com"}]'`,
  );
}

function put(into: Record<string, unknown>, [first = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = into[first];
  const group = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
  into[first] = group;
  put(group as Record<string, unknown>, rest, value);
}
