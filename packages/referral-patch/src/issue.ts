/** Every code an {@link Issue} can carry. Codes are stable; messages are for people and may change. */
export const issueCodes = [
  "UNKNOWN_FIELD",
  "UNKNOWN_PATH",
  "UNKNOWN_VALUE",
  "UNDOCUMENTED_PATH",
  "READ_ONLY_PATH",
  "UNSUPPORTED_OPERATION",
  "INVALID_OPERATION",
  "INVALID_PATH",
  "INVALID_VALUE",
  "FORBIDDEN_SEGMENT",
  "TOO_MANY_OPERATIONS",
  "TOO_LARGE",
  "TOO_DEEP",
  "NEEDS_CURRENT_STATE",
  "SUBSTATUS_REQUIRED",
  "TRANSITION_NOT_ALLOWED",
  "STATUS_CHANGED_TWICE",
  "MEMBER_NOT_FOUND",
  "DUPLICATE_MEMBER",
  "TARGET_NOT_FOUND",
  "CANNOT_REMOVE",
  "CANNOT_REORDER",
  "CONFLICTING_PATCHES",
] as const;

/** One of {@link issueCodes}. */
export type IssueCode = (typeof issueCodes)[number];

/**
 * An expected finding, returned and never thrown. The message never repeats a value from the
 * input, so issues can be logged without leaking personal data.
 */
export type Issue = {
  code: IssueCode;
  /** JSON Pointer into the input the issue was found in, e.g. `/details/dealValue`; `""` is the whole input. */
  path: string;
  message: string;
};

/** Writes an {@link Issue}. */
export const issue = (code: IssueCode, path: string, message: string): Issue => ({
  code,
  path,
  message,
});

/** The answer to an input that is no use at all. */
export const refused = (
  message: string,
  code: IssueCode = "INVALID_VALUE",
): { ok: false; issues: Issue[] } => ({ ok: false, issues: [issue(code, "", message)] });

/**
 * Most findings reported for one input, so that hostile input cannot buy a huge answer.
 */
export const MAX_ISSUES = 100;

/** Adds a finding unless the list is full ({@link MAX_ISSUES}). */
export function note(list: Issue[], code: IssueCode, path: string, message: string): void {
  if (list.length < MAX_ISSUES) list.push(issue(code, path, message));
}
