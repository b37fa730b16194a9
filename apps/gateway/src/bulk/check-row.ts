import { parseETag, parseReferralId } from "@patchlane/referral-patch";
import type { NewBulkRow, RowAddress, RowInput, UpdateFailure } from "@patchlane/update-queue";
import { checkWithoutState } from "../submit/check-request.ts";
import { type InputIssue, located, parseIntent } from "../submit/parse-request.ts";
import type { ReadRow, RowRequest } from "./row-request.ts";

/** Longest id of a CRM (characters); the upstream documents no limit. */
const LONGEST_EXTERNAL_ID = 256;
/** Findings named in a row's failure. */
const MOST_NAMED = 5;

/** Codes of the library that are about status and substatus. */
const TRANSITION_CODES: readonly string[] = ["TRANSITION_NOT_ALLOWED", "SUBSTATUS_REQUIRED"];

/**
 * Turns a row that was read into one that can be written: an update, checked as far as that goes without a state, or a bad row
 * with every reason. Same checks as for an update that comes alone.
 */
export function checkRow(row: ReadRow): NewBulkRow {
  const { request, issues: formIssues = [] } = row;
  const address = addressOf(request);
  const issues = [...formIssues];
  if (formIssues.length > 0) {
    return bad(row, address, issues);
  }
  issues.push(...address.issues);
  const ifMatch = request.ifMatch ?? undefined;
  if (ifMatch !== undefined) {
    const etag = parseETag(ifMatch);
    issues.push(...(etag.ok ? [] : located("/ifMatch", etag.issues)));
  }
  const parsed = parseIntent(request);
  if (!parsed.ok) {
    return bad(row, address, [...issues, ...parsed.issues]);
  }
  const checked = checkWithoutState(parsed.intent);
  if (checked.kind === "invalidInput" || checked.kind === "invalidTransition") {
    return bad(row, address, [...issues, ...checked.issues]);
  }
  if (issues.length > 0 || address.names === undefined) {
    return bad(row, address, issues);
  }
  return {
    kind: "update",
    ...address.names,
    // Of raw operations the checked copies, which hold nothing but operations.
    intent: parsed.intent.patch === undefined ? parsed.intent : { patch: checked.patch },
    ...(ifMatch === undefined ? {} : { ifMatch: ifMatch as string }),
  };
}

interface Address {
  readonly names?: RowAddress;
  readonly issues: readonly InputIssue[];
}

function addressOf({ referralId, externalReferenceId }: RowRequest): Address {
  const id = referralId ?? undefined;
  const external = externalReferenceId ?? undefined;
  if ((id === undefined) === (external === undefined)) {
    const message = "Expected exactly one of referralId and externalReferenceId";
    return { issues: [{ code: "INVALID_VALUE", path: "/referralId", message }] };
  }
  if (id !== undefined) {
    const parsed = parseReferralId(id);
    return parsed.ok
      ? { names: { referralId: parsed.id }, issues: [] }
      : { issues: located("/referralId", parsed.issues) };
  }
  if (typeof external === "string" && isExternalId(external)) {
    return { names: { externalReferenceId: external }, issues: [] };
  }
  const message = `Expected 1 to ${LONGEST_EXTERNAL_ID} characters`;
  return { issues: [{ code: "INVALID_VALUE", path: "/externalReferenceId", message }] };
}

function isExternalId(text: string): boolean {
  return text.length > 0 && text.length <= LONGEST_EXTERNAL_ID && text.isWellFormed();
}

function bad(
  { input }: { input: () => RowInput },
  { names = {} }: { names?: Partial<Pick<NewBulkRow, "referralId" | "externalReferenceId">> },
  issues: readonly InputIssue[],
): NewBulkRow {
  return { kind: "bad", error: failureOf(issues), input: input(), ...names };
}

function failureOf(issues: readonly InputIssue[]): UpdateFailure {
  const transition = issues.find(({ code }) => TRANSITION_CODES.includes(code));
  const first = transition ?? issues[0];
  const named = issues.slice(0, MOST_NAMED).map(({ path, message }) => {
    const field = fieldOf(path);
    return field === "" ? message : `${field}: ${message}`;
  });
  const more = issues.length - named.length;
  const message = named.join("; ") + (more > 0 ? `; and ${more} more` : "");
  return {
    code: transition === undefined ? "INVALID_CHANGE" : "INVALID_TRANSITION",
    message,
    ...(first === undefined || first.path === "" ? {} : { path: pathOf(first.path) }),
  };
}

/** Within the changes or the operations, as every failure of an update has it. */
function pathOf(path: string): string {
  return path.replace(/^\/(changes|patch)(?=\/)/, "");
}

/** As a CSV header would name it. */
function fieldOf(path: string): string {
  return path
    .replace(/^\/changes\//, "")
    .replace(/^\//, "")
    .replaceAll("/", ".");
}
