import {
  buildPatch,
  changesNeedState,
  type Issue,
  isInsert,
  isPatchInEffect,
  type PatchOperation,
  patchNeedsState,
  type Referral,
  validatePatch,
} from "@patchlane/referral-patch";
import type { KnownState, ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";

/** Whether it changes the referral's state: two such changes never leave in one PATCH. */
export function changesStatus({ intent }: ReferralUpdate): boolean {
  return intent.changes === undefined
    ? patchNeedsState(intent.patch)
    : intent.changes.status !== undefined || intent.changes.substatus !== undefined;
}

/** What is to be done about one update, given what is known. */
export type Decision =
  | { readonly kind: "send"; readonly patch: readonly PatchOperation[]; readonly ifMatch?: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "fail"; readonly error: UpdateFailure };

/**
 * Whether the decision depends on the referral's state upstream: status and team changes do, and so does
 * everything put into a list, because only a write with If-Match can be repeated without doubling it; and
 * a row that is to be left out when the referral already is as it says.
 */
export function needsState(update: ReferralUpdate): boolean {
  const { intent, skipUnchanged = false } = update;
  return (
    skipUnchanged ||
    (intent.changes === undefined
      ? patchNeedsState(intent.patch) || intent.patch.some(isInsert)
      : changesNeedState(intent.changes))
  );
}

/**
 * Decides without I/O. With a state, the write carries its ETag; a pinned ETag always wins and must be
 * the state's own.
 */
export function decide(update: ReferralUpdate, state: KnownState | undefined): Decision {
  if (state !== undefined && update.ifMatch !== undefined && state.etag !== update.ifMatch) {
    return fail(update, {
      code: "CONFLICT",
      message: `the referral has another version: pinned ${update.ifMatch}, current ${state.etag ?? "not known"}`,
    });
  }
  const current = state?.referral;
  const built =
    update.intent.changes === undefined
      ? validatePatch(withoutRepeatedInserts(update.intent.patch, state), { current })
      : buildPatch(update.intent.changes, { current });
  if (!built.ok) {
    return fail(update, failureOfIssues(built.issues));
  }
  if (built.patch.length === 0 || (current !== undefined && isInEffect(update, current))) {
    return { kind: "unchanged" };
  }
  const ifMatch = update.ifMatch ?? state?.etag;
  return { kind: "send", patch: built.patch, ...(ifMatch === undefined ? {} : { ifMatch }) };
}

/** Raw operations are sent as they came, unless nothing of them is left to do. */
function isInEffect({ intent, skipUnchanged = false }: ReferralUpdate, current: Referral): boolean {
  return skipUnchanged && intent.changes === undefined && isPatchInEffect(intent.patch, current);
}

/** What is to be put into a list and is already there, exactly so, is left out: it must not be there twice. */
function withoutRepeatedInserts(
  patch: readonly PatchOperation[],
  state: KnownState | undefined,
): readonly PatchOperation[] {
  return state === undefined
    ? patch
    : patch.filter(
        (operation, index) =>
          !isInsert(operation) ||
          patch.slice(0, index).some((earlier) => isListWrittenBy(earlier, operation)) ||
          !isPatchInEffect([operation], state.referral),
      );
}

/** After a write of the whole list, what it holds now does not tell what it holds when the insert comes. */
function isListWrittenBy(earlier: PatchOperation, insert: PatchOperation): boolean {
  return !isInsert(earlier) && insert.path.startsWith(`${earlier.path}/`);
}

const TRANSITION_CODES: readonly Issue["code"][] = ["TRANSITION_NOT_ALLOWED", "SUBSTATUS_REQUIRED"];

function failureOfIssues(issues: readonly Issue[]): UpdateFailure {
  const first = issues.find((issue) => TRANSITION_CODES.includes(issue.code)) ?? issues[0];
  return {
    code:
      first !== undefined && TRANSITION_CODES.includes(first.code)
        ? "INVALID_TRANSITION"
        : "INVALID_CHANGE",
    message: issues.map((issue) => issue.message).join("; "),
    ...(first === undefined ? {} : { path: first.path }),
  };
}

/**
 * What is refused on a state that a lost write of the same update may have brought about (and somebody changed since)
 * says nothing about that write.
 */
export function inDoubt(update: ReferralUpdate, error: UpdateFailure): UpdateFailure {
  // The form of a request is judged alike each time; anything else may be the lost write's doing, or later.
  const isAboutForm = error.code === "INVALID_CHANGE" && isFormStatus(error.upstreamStatus);
  return update.isInDoubt && !isAboutForm
    ? {
        ...error,
        code: "OUTCOME_UNKNOWN",
        message: `the answer to a write of it was lost, and the referral has changed since: ${error.message}`,
      }
    : error;
}

const isFormStatus = (status: number | undefined): boolean =>
  status !== undefined && status !== 409;

function fail(update: ReferralUpdate, error: UpdateFailure): Decision {
  return { kind: "fail", error: inDoubt(update, error) };
}
