import type { FieldType } from "./filter-fields.ts";
import { filterProblem } from "./filter-problem.ts";
import type { Token } from "./filter-tokens.ts";
import type { Literal, Operator } from "./filter-tree.ts";

/** Longest text to compare with, in characters: as long as the longest id of a CRM. */
const MAX_TEXT_LENGTH = 256;
const DECIMAL = /^-?(?:0|[1-9]\d{0,19})(?:\.\d{1,9})?$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?$/;
const ORDERED: readonly Operator[] = ["gt", "ge", "lt", "le"];

/** Reads what a field of that type is compared with. Throws BAD_USER_INPUT. */
export function readLiteral(type: FieldType, operator: Operator, token: Token): Literal {
  const isOrdered = ORDERED.includes(operator);
  if (token.kind === "word" && token.text === "null") {
    if (isOrdered) {
      throw filterProblem(token.at, "null can only be compared by eq and ne");
    }
    return { type: "null" };
  }
  if (isOrdered && (type === "boolean" || typeof type === "object")) {
    throw filterProblem(token.at, "values of this field have no order: use eq or ne");
  }
  const literal = literalOf(type, token);
  if (literal === undefined) {
    throw filterProblem(token.at, `expected ${expected(type)}`);
  }
  return literal;
}

function literalOf(type: FieldType, { kind, text }: Token): Literal | undefined {
  switch (type) {
    case "text":
      return kind === "text" && text.length <= MAX_TEXT_LENGTH ? { type, text } : undefined;
    case "decimal":
      return kind === "bare" && DECIMAL.test(text) ? { type, text } : undefined;
    case "boolean":
      return kind === "word" && (text === "true" || text === "false")
        ? { type, isTrue: text === "true" }
        : undefined;
    case "dateTime": {
      const utc = kind === "bare" ? toUtc(text) : undefined;
      return utc === undefined ? undefined : { type, text: utc };
    }
    default:
      return kind === "text" && type.includes(text) ? { type: "text", text } : undefined;
  }
}

function expected(type: FieldType): string {
  switch (type) {
    case "text":
      return `a text of at most ${MAX_TEXT_LENGTH} characters in single quotes`;
    case "decimal":
      return "a number such as 10000.50, without quotes";
    case "boolean":
      return "true or false";
    case "dateTime":
      return "a date-time such as 2026-01-31T00:00:00Z or a date, without quotes";
    default:
      return `one of ${type.map((value) => `'${value}'`).join(", ")}`;
  }
}

/** A date (its beginning, UTC) or date-time in UTC, fraction kept; undefined for what the calendar does not have. */
function toUtc(text: string): string | undefined {
  const [whole, date, time = "00:00", seconds = "00", fraction = "", zone = "Z"] =
    DATE_TIME.exec(text) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  // Dates that do not exist (30 February) are read as a day of the next month: they come back changed.
  const local = `${date}T${time}:${seconds}`;
  const isReal = isoSeconds(Date.parse(`${local}Z`)) === local;
  const utc = isoSeconds(Date.parse(`${local}${zone}`));
  return isReal && utc !== undefined ? `${utc}${fraction}Z` : undefined;
}

/** Up to the second; undefined for what has no such form in four-digit years. */
function isoSeconds(ms: number): string | undefined {
  const iso = Number.isNaN(ms) ? "" : new Date(ms).toISOString();
  return iso.length === 24 ? iso.slice(0, 19) : undefined;
}
