import { type Issue, type IssueCode, issue } from "./issue.ts";
import { isForbidden, parsePointer } from "./json-pointer.ts";
import { isRecord, type JsonValue } from "./json-value.ts";
import { MAX_DOCUMENT_DEPTH } from "./limits.ts";
import type { PatchOperation, ReferralPatch } from "./patch.ts";
import type { Referral } from "./schema/referral.ts";

/** Writes one value below `holder`, copying only what changes; `undefined` when there is no such place. */
export function put(
  holder: unknown,
  segments: readonly string[],
  op: "add" | "replace",
  value: JsonValue,
  at = 0,
): JsonValue | undefined {
  const segment = segments[at];
  if (segment === undefined) return value;
  const isLast = at === segments.length - 1;
  if (Array.isArray(holder)) {
    const isIndex = /^(?:0|[1-9]\d*)$/.test(segment);
    const index = segment === "-" ? holder.length : isIndex ? Number(segment) : -1;
    const isInsert = isLast && op === "add";
    if (index < 0 || index > holder.length || (index === holder.length && !isInsert)) return;
    if (isInsert) return holder.toSpliced(index, 0, value) as JsonValue[];
    const element = put(holder[index], segments, op, value, at + 1);
    return element === undefined ? undefined : (holder.with(index, element) as JsonValue[]);
  }
  if (!isRecord(holder)) return;
  const isThere = Object.hasOwn(holder, segment) && holder[segment] !== undefined;
  if (!isThere && !(isLast && op === "add")) return;
  const member = put(holder[segment], segments, op, value, at + 1);
  return member === undefined ? undefined : ({ ...holder, [segment]: member } as JsonValue);
}

/** Applies operations to any JSON document: the new document, or why and at which operation it failed. */
export function applyOperations(
  document: unknown,
  patch: readonly PatchOperation[],
): { ok: true; document: JsonValue } | { ok: false; index: number; issue: Issue } {
  let result = document;
  for (const [index, { op, path, value }] of patch.entries()) {
    const fail = (code: IssueCode, member: string, message: string) => ({
      ok: false as const,
      index,
      issue: issue(code, `/${index}/${member}`, message),
    });
    if (op !== "add" && op !== "replace")
      return fail("UNSUPPORTED_OPERATION", "op", "Only add and replace are supported");
    if (value === undefined) return fail("INVALID_OPERATION", "value", "A value is required");
    const segments = parsePointer(path);
    if (!segments || segments.length > MAX_DOCUMENT_DEPTH)
      return fail("INVALID_PATH", "path", "Not a JSON Pointer (RFC 6901)");
    if (segments.some(isForbidden))
      return fail("FORBIDDEN_SEGMENT", "path", "This property name is never accepted");
    result = put(result, segments, op, value);
    if (result === undefined)
      return fail("TARGET_NOT_FOUND", "path", "The referral has no such place");
  }
  return { ok: true, document: result as JsonValue };
}

/**
 * Applies a patch as RFC 6902 says, all or nothing. Never mutates its input; parts that do not change
 * are shared with it.
 */
export function applyPatch(
  referral: Referral,
  patch: ReferralPatch,
): { ok: true; referral: Referral } | { ok: false; issues: Issue[] } {
  const result = applyOperations(referral, patch);
  if (!result.ok) return { ok: false, issues: [result.issue] };
  return { ok: true, referral: result.document as unknown as Referral };
}
