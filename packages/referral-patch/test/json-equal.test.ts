import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonEqual } from "../src/json-value.ts";

const key = fc.constantFrom("a", "b", "toString", "constructor");
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(1, "1", "x", null, true, undefined),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** Without members that are `undefined`. */
const defined = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(defined)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value).flatMap(([name, member]) =>
            member === undefined ? [] : [[name, defined(member)]],
          ),
        )
      : value;

test("equal is what has the same members, those that are undefined aside", () => {
  let equal = 0;
  const pair = fc.oneof(
    fc.tuple(tree, tree),
    tree.map((value) => [value, structuredClone(value)] as const),
  );
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const expected = isDeepStrictEqual(defined(a), defined(b));
      if (expected) equal++;
      expect(jsonEqual(a, b)).toBe(expected);
    }),
    { numRuns: 10_000 },
  );
  expect(equal).toBeGreaterThan(3_000);
});

test("a name that reaches the prototype, a hole and a circle are never equal to anything else", () => {
  expect(jsonEqual(JSON.parse('{"__proto__":{}}'), { a: 1 })).toBe(false);
  expect(jsonEqual(JSON.parse('{"__proto__":{},"a":1}'), { a: 1, b: 2 })).toBe(false);
  expect(jsonEqual({ a: undefined, b: 1 }, { b: 1, c: 1 })).toBe(false);
  expect(jsonEqual(new Array(1), [1])).toBe(false);
  const [circle, twin]: Record<string, unknown>[] = [{}, {}];
  Object.assign(circle ?? {}, { again: circle });
  Object.assign(twin ?? {}, { again: twin });
  expect(jsonEqual(circle, twin)).toBe(false);
});
