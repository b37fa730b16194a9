import { decimalsEqual } from "@patchlane/referral-patch";

/** From here on a JSON number may be another one than the caller wrote: a double keeps 15 digits for sure. */
const LEAST_UNSURE = 1e15;

/** What to do about a number that may have been rounded before we saw it. */
export const SEND_AS_TEXT = "A number this long may have been rounded already: send it as a string";

/** A number literal as a number when that is the very same number, else as its text. */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  return Math.abs(number) < LEAST_UNSURE && decimalsEqual(text, number) ? number : text;
}

/** Whether a number, or one somewhere inside a JSON value, may have been rounded by JSON.parse. */
export function mayBeRounded(value: unknown): boolean {
  const open: unknown[] = [value];
  // No recursion: how deep the value is is the caller's choice.
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "number" && Math.abs(next) >= LEAST_UNSURE) {
      return true;
    }
    if (typeof next === "object" && next !== null) {
      open.push(...Object.values(next));
    }
  }
  return false;
}
