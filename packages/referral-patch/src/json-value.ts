import { type Issue, type IssueCode, issue, MAX_ISSUES, note } from "./issue.ts";
import { isForbidden, toPointer } from "./json-pointer.ts";
import { MAX_COMPARED, MAX_DOCUMENT_DEPTH } from "./limits.ts";

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

/**
 * Copies untrusted input into plain JSON data and reports all that is not JSON: the copy holds no
 * getters, cycles or prototypes, and the work is bounded by the limits rather than by the input.
 * Members that are `undefined` count as absent. What was reported is missing from the copy.
 */
export function takeJson(input: unknown, rules: Rules, issues: Issue[]): JsonValue | undefined {
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
    left -= textBytes(text);
    return text;
  };

  const takeObject = (value: object): JsonValue | undefined => {
    left -= 2;
    const isTooDeep = segments.length >= rules.maxDepth;
    const tooDeep = () =>
      report("TOO_DEEP", `Nested deeper than ${rules.maxDepth} levels, or in a circle`);
    if (Array.isArray(value)) {
      if (isTooDeep && value.length > 0) return tooDeep();
      // One comma less than members.
      if (value.length > 0) left += 1;
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
      if (isEmpty) left += 1;
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

/**
 * What is surely left of a number of bytes after a value's JSON text: less than 0 where it may not fit, is nested more than
 * `levels` deep or is no plain JSON. Counts roughly, and no further than the bytes allow.
 */
export function leftAfter(value: unknown, bytes: number, levels: number): number {
  if (levels < 0) return -1;
  // Six for each character, as if all of them had to be escaped.
  if (typeof value === "string") return bytes - 6 * value.length - 2;
  if (typeof value !== "object" || value === null)
    return value === null || typeof value === "boolean" || Number.isFinite(value) ? bytes - 25 : -1;
  if (!Array.isArray(value) && !isPlain(value)) return -1;
  let left = bytes - 2;
  for (const key in value) {
    if (left < 0) break;
    left = leftAfter(value[key as keyof object], left - 6 * key.length - 4, levels - 1);
  }
  return left;
}

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
  if (!Array.isArray(a)) return !Array.isArray(b) && membersEqual(a, b, depth + 1, work);
  if (!Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i], depth + 1, work)) return false;
  return true;
}

// The hot loop of every comparison. Members are counted, because asking for each whether it is there takes twice the time.
function membersEqual(a: object, b: object, depth: number, work: { left: number }): boolean {
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let surplus = 0;
  for (const key in left) {
    const value = left[key];
    if (value === undefined) continue;
    surplus++;
    const other = right[key];
    if (value === other) continue;
    if (typeof value !== "object" || key === "__proto__") return false;
    if (!jsonEqual(value, other, depth, work)) return false;
  }
  for (const _ in right) surplus--;
  if (surplus < 0) for (const key in right) if (right[key] === undefined) surplus++;
  return surplus === 0;
}
