import type { InputIssue } from "../submit/parse-request.ts";

/** Levels of nesting beyond which a value is not written as JSON again: far more than any row needs, far less than the stack holds. */
const MOST_LEVELS = 64;

/** Whether a JSON value is nested too deeply to be handled any further. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  // No recursion: how deep the value is is the caller's choice.
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) {
      return true;
    }
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each) : [],
    );
  }
  return false;
}

export const TOO_DEEP: InputIssue = {
  code: "TOO_DEEP",
  path: "",
  message: `The row is nested deeper than ${MOST_LEVELS} levels`,
};
