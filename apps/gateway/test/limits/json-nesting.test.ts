import fc from "fast-check";
import { expect, test } from "vitest";
import { isNestedDeeper } from "../../src/limits/json-nesting.ts";

const PADDING = " ".repeat(5_000);

function depthOf(value: unknown): number {
  return typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;
}

test("as deep as JSON is, whatever its texts hold", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value) + PADDING;
      const depth = depthOf(JSON.parse(text));
      expect(isNestedDeeper(text, depth)).toBe(false);
      expect(isNestedDeeper(text, depth - 1)).toBe(depth > 0);
    }),
  );
});

test.each([
  ['["\\"[[[[", "\\\\", "\\\\\\"[[["]', 1],
  ['{"[[[[{{{{": "]]]]"}', 1],
  ['"never ends [[[[', 0],
  ["]]]][[[[", 0],
])("%s", (text, depth) => {
  expect(isNestedDeeper(text + PADDING, depth)).toBe(false);
});

test("no text at all, and short ones, are left to the parser", () => {
  expect(isNestedDeeper("", 0)).toBe(false);
  expect(isNestedDeeper("[[[[", 1)).toBe(false);
});
