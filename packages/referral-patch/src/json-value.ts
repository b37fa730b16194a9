import { type Issue, type IssueCode, issue, MAX_ISSUES, note } from "./issue.ts";
import { isForbidden, toPointer } from "./json-pointer.ts";
import { MAX_DOCUMENT_DEPTH } from "./limits.ts";

/** Anything JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

type Rules = {
  maxBytes: number;
  maxDepth: number;
  /** Documents we read: odd text and names survive, only `__proto__` is left out. */
  isLenient?: boolean;
};

/** Whether a value is an object with members, arrays excluded. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member of an object, never one inherited from a prototype. */
export const ownValue = (holder: unknown, key: string): unknown =>
  isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;

/** UTF-8 bytes of a string's JSON text, quotes included. */
function textBytes(text: string): number {
  let bytes = 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20) bytes += code >= 8 && code <= 13 && code !== 11 ? 2 : 6;
    else if (code === 0x22 || code === 0x5c) bytes += 2;
    else if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    // Each half of a surrogate pair counts 2: the pair is 4 bytes.
    else bytes += code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return bytes;
}

// Not Object.keys: it would list ten million elements to find out.
function isEmptyContainer(value: object): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const key in value) if (ownValue(value, key) !== undefined) return false;
  return true;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Copies untrusted input into plain JSON data and reports all that is not JSON: the copy holds no
 * getters, cycles or prototypes, and the work is bounded by the limits rather than by the input.
 * Members that are `undefined` count as absent. What was reported is missing from the copy.
 */
export function takeJson(input: unknown, rules: Rules, issues: Issue[]): JsonValue | undefined {
  const segments: string[] = [];
  // Every value pays for a comma, the outermost one has none.
  let left = rules.maxBytes + 1;
  const tooLarge = `Larger than ${rules.maxBytes} bytes`;
  const report = (code: IssueCode, message: string) => {
    note(issues, code, toPointer(segments), message);
    return undefined;
  };
  const isSpent = () => left < 0 || issues.length >= MAX_ISSUES;

  const takeText = (text: string): string | undefined => {
    // Looking at the length first keeps a string of many megabytes cheap.
    if (text.length > rules.maxBytes) return report("TOO_LARGE", tooLarge);
    if (!rules.isLenient && !text.isWellFormed())
      return report("INVALID_VALUE", "Not valid Unicode: half of a surrogate pair");
    left -= textBytes(text);
    return text;
  };

  const takeObject = (value: object): JsonValue | undefined => {
    // The members' commas are one too many, so brackets count 1; an empty container has no comma.
    const isEmpty = isEmptyContainer(value);
    left -= isEmpty ? 2 : 1;
    if (segments.length >= rules.maxDepth && !isEmpty)
      return report("TOO_DEEP", `Nested deeper than ${rules.maxDepth} levels, or in a circle`);
    if (Array.isArray(value)) {
      const copy: JsonValue[] = [];
      for (let i = 0; i < value.length && !isSpent(); i++) {
        segments.push(String(i));
        copy.push(
          (value[i] === undefined ? report("INVALID_VALUE", "Nothing here") : take(value[i])) ??
            null,
        );
        segments.pop();
      }
      return copy;
    }
    if (!isPlain(value)) return report("INVALID_VALUE", "Not a plain object");
    const copy: Record<string, JsonValue> = {};
    for (const key in value) {
      if (isSpent()) break;
      const member = ownValue(value, key);
      if (member === undefined || (rules.isLenient && key === "__proto__")) continue;
      if (key.length > rules.maxBytes) {
        report("TOO_LARGE", tooLarge);
        continue;
      }
      segments.push(key);
      if (!rules.isLenient && isForbidden(key))
        report("FORBIDDEN_SEGMENT", "This property name is never accepted");
      else if (takeText(key) !== undefined) {
        left -= 1;
        const taken = take(member);
        if (taken !== undefined) copy[key] = taken;
      }
      segments.pop();
    }
    return copy;
  };

  const take = (value: unknown): JsonValue | undefined => {
    left -= 1;
    if (value === null) left -= 4;
    else if (typeof value === "string") return takeText(value);
    else if (typeof value === "number") {
      if (!Number.isFinite(value)) return report("INVALID_VALUE", "Not a finite number");
      left -= String(value).length;
    } else if (typeof value === "boolean") left -= value ? 4 : 5;
    else if (typeof value === "object") return takeObject(value);
    else return report("INVALID_VALUE", `JSON has no ${typeof value}`);
    return value;
  };

  try {
    const copy = take(input);
    if (left < 0) issues.push(issue("TOO_LARGE", "", tooLarge));
    return left < 0 ? undefined : copy;
  } catch {
    // A getter or proxy of the caller's threw: the value cannot be read, which is all we can say.
    segments.length = 0;
    return report("INVALID_VALUE", "Cannot be read");
  }
}

/** Levels of nesting below a value: 0 for a scalar or an empty container. */
export function jsonDepth(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 0;
  let depth = 0;
  for (const member of Object.values(value)) depth = Math.max(depth, 1 + jsonDepth(member));
  return depth;
}

/** Objects compared before giving up: far beyond any document, small enough for a circle of references. */
const MAX_COMPARED = 1_000_000;

/**
 * Whether two JSON values are equal; members that are `undefined` count as absent. Circular values are
 * never equal.
 */
export function jsonEqual(
  a: unknown,
  b: unknown,
  depth = 0,
  work = { left: MAX_COMPARED },
): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth > MAX_DOCUMENT_DEPTH || work.left-- < 0) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) {
    const other = Object.hasOwn(right, key) ? right[key] : undefined;
    if (!jsonEqual(left[key], other, depth + 1, work)) return false;
  }
  for (const key in right) if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  return true;
}
