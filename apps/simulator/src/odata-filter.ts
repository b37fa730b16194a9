import { isJsonObject, type Json } from "./json.ts";
import type { StoredReferral } from "./referral-store.ts";
import { parseMicros } from "./timestamps.ts";

/** Whether a referral is in the answer. */
export type ReferralPredicate = (referral: StoredReferral) => boolean;

/** Thrown for a `$filter` outside the supported grammar; the message may be shown to the caller. */
export class FilterSyntaxError extends Error {
  override name = "FilterSyntaxError";
}

type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
type Literal =
  | { readonly kind: "plain"; readonly value: string | number | boolean | null }
  | { readonly kind: "time"; readonly micros: number };

const COMPARISONS: ReadonlySet<string> = new Set(["eq", "ne", "gt", "ge", "lt", "le"]);
const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<time>\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)(?![\w-])|(?<number>-?\d+(?:\.\d+)?)(?![\w.-])|(?<word>[A-Za-z_@][\w/.]*)|(?<paren>[()]))/y;
/** Keeps a hostile filter from exhausting the stack. */
const MAX_TOKENS = 500;

/** The properties of a referral a filter may name first. */
export const KNOWN_PROPERTIES: ReadonlySet<string> = new Set(
  (
    "id engagementId organizationId organizationName createdDateTime updatedDateTime acceptedDateTime " +
    "expirationDateTime eTag links direction type name externalReferenceId status substatus statusReason " +
    "qualification customerProfile consent details team inviteContext target"
  ).split(" "),
);

/**
 * Compiles a `$filter`: comparisons of a property path with a literal, joined by `and`, `or`,
 * `not` and parentheses. Everything else (functions, `in`) throws {@link FilterSyntaxError}: the
 * vendor documents only such comparisons.
 */
export function compileFilter(filter: string): ReferralPredicate {
  const tokens = tokenize(filter);
  let position = 0;
  const peek = () => tokens[position];
  const next = () => tokens[position++];
  const isWord = (word: string) => peek()?.kind === "word" && peek()?.text === word;

  function disjunction(): ReferralPredicate {
    let left = conjunction();
    while (isWord("or")) {
      next();
      const [a, b] = [left, conjunction()];
      left = (referral) => a(referral) || b(referral);
    }
    return left;
  }

  function conjunction(): ReferralPredicate {
    let left = negation();
    while (isWord("and")) {
      next();
      const [a, b] = [left, negation()];
      left = (referral) => a(referral) && b(referral);
    }
    return left;
  }

  function negation(): ReferralPredicate {
    if (isWord("not")) {
      next();
      const inner = negation();
      return (referral) => !inner(referral);
    }
    if (peek()?.kind === "paren" && peek()?.text === "(") {
      next();
      const inner = disjunction();
      if (next()?.text !== ")") throw new FilterSyntaxError("A closing parenthesis is missing.");
      return inner;
    }
    return comparison();
  }

  function comparison(): ReferralPredicate {
    const path = next();
    const operator = next();
    const literal = next();
    if (path?.kind !== "word" || operator?.kind !== "word" || literal === undefined) {
      throw new FilterSyntaxError("A comparison must read: property operator literal.");
    }
    if (!COMPARISONS.has(operator.text)) {
      throw new FilterSyntaxError(`The operator '${operator.text}' is not supported.`);
    }
    return compare(path.text, operator.text as Comparison, readLiteral(literal));
  }

  const predicate = disjunction();
  const rest = peek();
  if (rest !== undefined) throw new FilterSyntaxError(`Unexpected '${rest.text}'.`);
  return predicate;
}

interface Token {
  readonly kind: "text" | "time" | "number" | "word" | "paren";
  readonly text: string;
}

function tokenize(filter: string): Token[] {
  const tokens: Token[] = [];
  const source = filter.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    const found = groups && Object.entries(groups).find(([, text]) => text !== undefined);
    if (found === undefined) throw new FilterSyntaxError(`Syntax error at position ${at}.`);
    tokens.push({ kind: found[0] as Token["kind"], text: found[1] as string });
    if (tokens.length > MAX_TOKENS) throw new FilterSyntaxError("The filter is too long.");
  }
  return tokens;
}

function readLiteral(token: Token): Literal {
  switch (token.kind) {
    case "text":
      return { kind: "plain", value: token.text.slice(1, -1).replaceAll("''", "'") };
    case "number":
      return { kind: "plain", value: Number(token.text) };
    case "time": {
      const micros = parseMicros(token.text);
      if (micros === undefined) throw new FilterSyntaxError(`'${token.text}' is not a date-time.`);
      return { kind: "time", micros };
    }
    case "word":
      if (token.text === "null") return { kind: "plain", value: null };
      if (token.text === "true" || token.text === "false") {
        return { kind: "plain", value: token.text === "true" };
      }
      break;
    case "paren":
      break;
  }
  throw new FilterSyntaxError(`'${token.text}' is not a literal.`);
}

function compare(path: string, operator: Comparison, literal: Literal): ReferralPredicate {
  const segments = path.split("/");
  if (!KNOWN_PROPERTIES.has(segments[0] ?? "") || segments.includes("")) {
    throw new FilterSyntaxError(`There is no property '${path}'.`);
  }
  if (literal.kind === "time") {
    const micros = microsReader(segments);
    return (referral) => holds(operator, micros(referral), literal.micros);
  }
  const { value } = literal;
  if (value === null && operator !== "eq" && operator !== "ne") {
    throw new FilterSyntaxError("null can only be compared with eq and ne.");
  }
  return (referral) => {
    const found = valueAt(referral, segments);
    if (typeof value === "number" && typeof found === "string") {
      return holds(operator, Number(found), value);
    }
    return holds(operator, found, value);
  };
}

function microsReader(segments: readonly string[]): (referral: StoredReferral) => number | null {
  if (segments.length === 1 && segments[0] === "updatedDateTime") return (r) => r.updatedMicros;
  if (segments.length === 1 && segments[0] === "createdDateTime") return (r) => r.createdMicros;
  return (referral) => {
    const found = valueAt(referral, segments);
    return typeof found === "string" ? (parseMicros(found) ?? null) : null;
  };
}

/** The value at a path; absent reads as null, and so does a path through an array. */
function valueAt(referral: StoredReferral, segments: readonly string[]): Json {
  let at: Json | undefined = referral.document;
  for (const segment of segments) {
    if (!isJsonObject(at) || !Object.hasOwn(at, segment)) return null;
    at = at[segment];
  }
  return at ?? null;
}

function holds(operator: Comparison, left: Json, right: string | number | boolean | null): boolean {
  if (operator === "eq") return left === right;
  if (operator === "ne") return left !== right;
  if (left === null || right === null || typeof left !== typeof right) return false;
  switch (operator) {
    case "gt":
      return left > right;
    case "ge":
      return left >= right;
    case "lt":
      return left < right;
    case "le":
      return left <= right;
  }
}
