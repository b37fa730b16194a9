import { expect, test } from "vitest";
import { retryAfter } from "../src/index.ts";

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each<[string | string[] | undefined, number | undefined]>([
  [undefined, undefined],
  ["", undefined],
  ["0", 0],
  ["3", 3000],
  [" 3 ", 3000],
  ["1.5", 1500],
  ["-7", 0],
  ["99999999999", 3_600_000],
  ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
  ["Thursday, 01-Jan-26 12:00:30 GMT", 30_000],
  ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
  ["Thu, 01 Jan 2099 11:00:00 GMT", 3_600_000],
  ["Thu, no date at all", undefined],
  ["soon", undefined],
  ["7 apples", undefined],
  ["2026", 2_026_000],
  ["1e3", undefined],
  ["Infinity", undefined],
  [["5", "9"], 5000],
])("%j is %s ms", (header, expected) => {
  expect(retryAfter({ "retry-after": header }, now)).toBe(expected);
});
