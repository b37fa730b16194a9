import {
  type Issue,
  MAX_OPERATIONS,
  parseETag,
  parseReferralChanges,
  parseReferralId,
} from "@patchlane/referral-patch";
import type { UpdateIntent } from "@patchlane/update-queue";

/** What a caller handed in, as far as GraphQL has checked it. */
export interface UpdateRequest {
  readonly referralId: string;
  readonly changes?: unknown;
  readonly patch?: readonly unknown[] | null | undefined;
  readonly ifMatch?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly waitMs?: number | null | undefined;
  readonly dryRun?: boolean | null | undefined;
}

/** One finding; `path` is a JSON Pointer into the mutation's input. */
export interface InputIssue {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

export interface ParsedRequest {
  readonly referralId: string;
  readonly intent: UpdateIntent;
  readonly ifMatch: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly waitMs: number;
  readonly isDryRun: boolean;
}

const DEFAULT_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_IDEMPOTENCY_KEY = 255;

/** The finding about changes that name no field, or only empty groups of fields. */
export const NOTHING_TO_CHANGE: InputIssue = invalid("/changes", "Expected at least one field");

/** Where an issue of the library stands in the mutation's input. */
export function located(prefix: string, issues: readonly Issue[]): InputIssue[] {
  return issues.map(({ code, path, message }) => ({ code, path: prefix + path, message }));
}

/** Checks everything that needs no state; answers every issue, not the first. */
export function parseRequest(
  request: UpdateRequest,
): { ok: true; request: ParsedRequest } | { ok: false; issues: InputIssue[] } {
  const issues: InputIssue[] = [];
  const id = parseReferralId(request.referralId);
  if (!id.ok) {
    issues.push(...located("/referralId", id.issues));
  }
  const ifMatch = request.ifMatch ?? undefined;
  if (ifMatch !== undefined) {
    const etag = parseETag(ifMatch);
    issues.push(...(etag.ok ? [] : located("/ifMatch", etag.issues)));
  }
  const idempotencyKey = request.idempotencyKey ?? undefined;
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
    issues.push(invalid("/idempotencyKey", `Expected 1 to ${LONGEST_IDEMPOTENCY_KEY} characters`));
  }
  const waitMs = request.waitMs ?? DEFAULT_WAIT_MS;
  if (waitMs < 0 || waitMs > LONGEST_WAIT_MS) {
    issues.push(invalid("/waitMs", `Expected 0 to ${LONGEST_WAIT_MS} milliseconds`));
  }
  const intent = parseIntent(request);
  if (!intent.ok) {
    issues.push(...intent.issues);
  }
  if (!id.ok || !intent.ok || issues.length > 0) {
    return { ok: false, issues };
  }
  return {
    ok: true,
    request: {
      referralId: id.id,
      intent: intent.intent,
      ifMatch,
      idempotencyKey,
      waitMs,
      isDryRun: request.dryRun ?? false,
    },
  };
}

/** Exactly one of changes and raw operations; the operations themselves are checked by `checkIntent`. */
export function parseIntent({
  changes,
  patch,
}: {
  readonly changes?: unknown;
  readonly patch?: unknown;
}): { ok: true; intent: UpdateIntent } | { ok: false; issues: InputIssue[] } {
  const hasChanges = changes !== undefined && changes !== null;
  const hasPatch = patch !== undefined && patch !== null;
  if (hasChanges === hasPatch) {
    return { ok: false, issues: [invalid("", "Expected exactly one of changes and patch")] };
  }
  if (Array.isArray(patch) && patch.length > MAX_OPERATIONS) {
    const message = `More than ${MAX_OPERATIONS} operations`; // before each of them is looked at
    return { ok: false, issues: [{ code: "TOO_MANY_OPERATIONS", path: "/patch", message }] };
  }
  if (hasPatch) {
    return Array.isArray(patch) && patch.length === 0
      ? { ok: false, issues: [invalid("/patch", "Expected at least one operation")] }
      : { ok: true, intent: { patch: patch as NonNullable<UpdateIntent["patch"]> } };
  }
  const parsed = parseReferralChanges(changes);
  if (!parsed.ok) {
    return { ok: false, issues: located("/changes", parsed.issues) };
  }
  return { ok: true, intent: { changes: parsed.changes } };
}

export function isIdempotencyKey(key: string): boolean {
  return key.length >= 1 && key.length <= LONGEST_IDEMPOTENCY_KEY;
}

function invalid(path: string, message: string): InputIssue {
  return { code: "INVALID_VALUE", path, message };
}
