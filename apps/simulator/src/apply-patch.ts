import { applyPatch, type Operation } from "rfc6902";
import { checkValues } from "./check-values.ts";
import { normalizeDecimal } from "./decimal.ts";
import {
  cloneJson,
  hasMemberNamed,
  isDeeperThan,
  isJsonObject,
  type Json,
  type JsonObject,
} from "./json.ts";
import { checkTransition } from "./transitions.ts";

/** The changed document, or why the whole patch is refused and where. */
export type PatchResult =
  | { readonly ok: true; readonly document: JsonObject }
  | { readonly ok: false; readonly message: string; readonly target?: string };

/** Top-level properties a PATCH may address ("Referral resources"; `target` is undocumented). */
const WRITABLE: ReadonlySet<string> = new Set([
  "name",
  "externalReferenceId",
  "status",
  "substatus",
  "statusReason",
  "qualification",
  "customerProfile",
  "consent",
  "details",
  "team",
  "inviteContext",
  "target",
]);

const READ_ONLY: ReadonlySet<string> = new Set([
  "id",
  "engagementId",
  "organizationId",
  "organizationName",
  "createdDateTime",
  "updatedDateTime",
  "acceptedDateTime",
  "expirationDateTime",
  "eTag",
  "links",
  "direction",
  "type",
]);

const FORBIDDEN_SEGMENTS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const POINTER = /^(\/([^~/]|~[01])*)+$/;
/** Deeper values are refused; the deepest documented one has five levels. */
const MAX_DEPTH = 32;

const refused = (message: string, target?: string): PatchResult =>
  target === undefined ? { ok: false, message } : { ok: false, message, target };

/**
 * Applies a JSON Patch to a copy of `current`, all operations or none, with the vendor's rules:
 * only `add` and `replace`, no read-only property, the status table, known value types.
 */
export function patchDocument(current: JsonObject, patch: Json): PatchResult {
  if (!Array.isArray(patch)) return refused("The body must be a JSON Patch array.");
  const touched = new Set<string>();
  for (const operation of patch) {
    const found = checkOperation(operation);
    if (typeof found !== "string") return found;
    touched.add(found);
  }
  // Only what the patch addresses can change, so only that is copied.
  const document = { ...current };
  for (const property of touched) {
    if (Object.hasOwn(current, property)) document[property] = cloneJson(current[property]);
  }
  for (const operation of patch as unknown as Operation[]) {
    if (!applyOne(document, operation)) {
      return refused(`The target location of ${operation.path} does not exist.`, operation.path);
    }
  }
  const wrong = checkValues(document, touched);
  if (wrong !== undefined) return refused(wrong.message, wrong.target);
  const move = checkTransition(current as Position, document as Position);
  if (move !== undefined) return refused(move.message, move.target);
  normalizeDealValue(document);
  return { ok: true, document };
}

/** Applies any RFC 6902 patch without the vendor's rules: what the control side and intruders use. */
export function patchFreely(current: JsonObject, patch: readonly JsonObject[]): PatchResult {
  const document = cloneJson(current);
  for (const operation of patch as unknown as Operation[]) {
    if (!applyOne(document, operation)) return refused("The patch does not apply.", operation.path);
  }
  normalizeDealValue(document);
  return { ok: true, document };
}

/** Money as a number where a double holds it exactly, as digits otherwise. */
export function normalizeDealValue(document: JsonObject): void {
  const details = document.details;
  if (isJsonObject(details) && typeof details.dealValue === "string") {
    details.dealValue = normalizeDecimal(details.dealValue);
  }
}

type Position = { status: unknown; substatus: unknown };

/** The top-level property an operation addresses, or why it is refused. */
function checkOperation(operation: Json): string | PatchResult {
  if (!isJsonObject(operation)) return refused("Every operation must be an object.");
  const { op, path } = operation;
  if (op !== "add" && op !== "replace") {
    return refused(`The operation '${String(op)}' is not supported; use add or replace.`, "op");
  }
  if (typeof path !== "string" || !POINTER.test(path)) {
    return refused("The path is not a JSON Pointer to a property.", "path");
  }
  if (!Object.hasOwn(operation, "value")) return refused("The operation has no value.", path);
  const segments = path.slice(1).split("/");
  const property = unescapeSegment(segments[0] ?? "");
  if (segments.some((segment) => FORBIDDEN_SEGMENTS.has(unescapeSegment(segment)))) {
    return refused("The path is not allowed.", path);
  }
  if (READ_ONLY.has(property)) return refused(`The property ${property} is read-only.`, path);
  if (!WRITABLE.has(property)) return refused(`There is no property ${property}.`, path);
  if (isDeeperThan(operation.value, MAX_DEPTH)) return refused("The value nests too deep.", path);
  if (hasMemberNamed(operation.value, "__proto__")) return refused("A name is not allowed.", path);
  return property;
}

/** Whether `operation` could be applied to `document`, which is changed. */
function applyOne(document: JsonObject, operation: Operation): boolean {
  // The library takes "-" and malformed indexes as replace targets on arrays; RFC 6901 does not.
  if (operation.op === "replace" && !isReplaceTarget(document, operation.path)) return false;
  try {
    return applyPatch(document, [operation])[0] === null;
  } catch {
    return false;
  }
}

function isReplaceTarget(document: JsonObject, path: string): boolean {
  let at: Json | undefined = document;
  for (const segment of path.slice(1).split("/").map(unescapeSegment)) {
    if (Array.isArray(at)) {
      if (!/^(0|[1-9]\d*)$/.test(segment)) return false;
      at = at[Number(segment)];
    } else if (isJsonObject(at) && Object.hasOwn(at, segment)) {
      at = at[segment];
    } else {
      return false;
    }
  }
  return at !== undefined;
}

function unescapeSegment(segment: string): string {
  return segment.includes("~") ? segment.replaceAll("~1", "/").replaceAll("~0", "~") : segment;
}
