import { type Issue, type IssueCode, issue } from "./issue.ts";
import { isForbidden, isPositional } from "./json-pointer.ts";
import { isRecord, type JsonValue, ownValue } from "./json-value.ts";
import { MAX_DOCUMENT_DEPTH } from "./limits.ts";
import { segmentsOf } from "./locate.ts";
import type { PatchOperation, ReferralPatch } from "./patch.ts";
import type { Referral } from "./schema/referral.ts";

/**
 * Writes one value below `holder`, copying only what changes; `undefined` when there is no such place. `copies` holds what was
 * copied for this patch already, which nobody else has seen and later operations may therefore write to.
 */
export function put(
  holder: unknown,
  segments: readonly string[],
  op: "add" | "replace",
  value: JsonValue,
  copies: Set<object> = new Set(),
  at = 0,
): JsonValue | undefined {
  const segment = segments[at];
  if (segment === undefined) return value;
  const isInsert = at === segments.length - 1 && op === "add";
  if (Array.isArray(holder)) {
    const index = segment === "-" ? holder.length : isPositional(segment) ? Number(segment) : -1;
    if (index < 0 || index > holder.length || (index === holder.length && !isInsert)) return;
    const element = isInsert ? value : put(holder[index], segments, op, value, copies, at + 1);
    if (element === undefined) return;
    const list = own(holder, copies);
    list.splice(index, isInsert ? 0 : 1, element);
    return list;
  }
  if (!isRecord(holder)) return;
  const was = ownValue(holder, segment);
  if (was === undefined && !isInsert) return;
  const member = put(was, segments, op, value, copies, at + 1);
  if (member === undefined) return;
  const record = own(holder, copies);
  record[segment] = member;
  return record as JsonValue;
}

function own<T extends object>(holder: T, copies: Set<object>): T {
  if (copies.has(holder)) return holder;
  const copy = (Array.isArray(holder) ? holder.slice() : { ...holder }) as T;
  copies.add(copy);
  return copy;
}

/** Applies operations to any JSON document: the new document, or why and at which operation it failed. */
export function applyOperations(
  document: unknown,
  patch: readonly PatchOperation[],
): { ok: true; document: JsonValue } | { ok: false; index: number; issue: Issue } {
  let result = document;
  const copies = new Set<object>();
  for (const [index, { op, path, value }] of patch.entries()) {
    const fail = (code: IssueCode, member: string, message: string) => ({
      ok: false as const,
      index,
      issue: issue(code, `/${index}/${member}`, message),
    });
    if (op !== "add" && op !== "replace")
      return fail("UNSUPPORTED_OPERATION", "op", "Only add and replace are supported");
    if (value === undefined) return fail("INVALID_OPERATION", "value", "A value is required");
    const segments = segmentsOf(path);
    if (!segments || segments.length > MAX_DOCUMENT_DEPTH)
      return fail("INVALID_PATH", "path", "Not a JSON Pointer (RFC 6901)");
    if (segments.some(isForbidden))
      return fail("FORBIDDEN_SEGMENT", "path", "This property name is never accepted");
    result = put(result, segments, op, value, copies);
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
