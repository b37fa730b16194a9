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

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** At least the bytes of a string's JSON text, without looking at it: a control character is written with six. */
const mostTextBytes = (text: string): number => 6 * text.length + 2;

/**
 * Copies untrusted input into plain JSON data and reports all that is not JSON: the copy holds no
 * getters, cycles or prototypes, and the work is bounded by the limits rather than by the input.
 * Members that are `undefined` count as absent. What was reported is missing from the copy.
 */
export function takeJson(input: unknown, rules: Rules, issues: Issue[]): JsonValue | undefined {
  // Bytes are counted only where they could be too many, which they hardly ever are.
  const found = issues.length;
  const copy = copyJson(input, rules, issues, mostTextBytes);
  if (copy !== undefined || issues.at(-1)?.code !== "TOO_LARGE") return copy;
  issues.length = found;
  return copyJson(input, rules, issues, textBytes);
}

function copyJson(
  input: unknown,
  rules: Rules,
  issues: Issue[],
  bytesOf: (text: string) => number,
): JsonValue | undefined {
  const segments: PropertyKey[] = [];
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
    left -= bytesOf(text);
    return text;
  };

  const takeObject = (value: object): JsonValue | undefined => {
    // The members' commas are one too many, so brackets count 1; an empty container has no comma.
    left -= 1;
    const isTooDeep = segments.length >= rules.maxDepth;
    const tooDeep = () =>
      report("TOO_DEEP", `Nested deeper than ${rules.maxDepth} levels, or in a circle`);
    if (Array.isArray(value)) {
      if (value.length === 0) left -= 1;
      else if (isTooDeep) return tooDeep();
      const copy: JsonValue[] = [];
      for (let i = 0; i < value.length && !isSpent(); i++) {
        segments.push(i);
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
    let isEmpty = true;
    for (const key in value) {
      if (isSpent()) break;
      if (!Object.hasOwn(value, key)) continue;
      const member = (value as Record<string, unknown>)[key];
      if (member === undefined) continue;
      if (isTooDeep) return tooDeep();
      isEmpty = false;
      if (rules.isLenient && key === "__proto__") continue;
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
    if (isEmpty) left -= 1;
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
 * never equal, nor objects with a member called `__proto__`.
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
  if (!Array.isArray(a)) return !Array.isArray(b) && membersEqual(a, b, depth, work);
  if (!Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i], depth + 1, work)) return false;
  return true;
}

// The hot loop of every comparison: members are counted, because asking for each whether it is there costs more.
function membersEqual(a: object, b: object, depth: number, work: { left: number }): boolean {
  const right = b as Record<string, unknown>;
  let surplus = 0;
  for (const key in a) {
    const value = (a as Record<string, unknown>)[key];
    if (value === undefined) continue;
    surplus++;
    const other = right[key];
    if (value === other) continue;
    // The scalars are told here: most differences are among them, and a call costs more than the test.
    if (typeof value !== "object" || key === "__proto__") return false;
    if (!jsonEqual(value, other, depth + 1, work)) return false;
  }
  for (const _ in b) surplus--;
  if (surplus < 0) for (const key in b) if (right[key] === undefined) surplus++;
  return surplus === 0;
}
