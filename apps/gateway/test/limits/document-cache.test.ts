import { parse } from "graphql";
import { expect, test } from "vitest";
import { createDocumentCache } from "../../src/limits/document-cache.ts";

const textOf = (n: number, fields = 10) => `{ ${"field ".repeat(fields)} } # ${n}`;

function keep(cache: ReturnType<typeof createDocumentCache>, text: string): void {
  cache.set(text, parse(text));
}

test("documents are kept, the ones used last when there is no more room", () => {
  const cache = createDocumentCache(20 * 1_024);
  keep(cache, textOf(0));
  for (let n = 1; n < 100; n++) {
    keep(cache, textOf(n));
    expect(cache.get(textOf(0))).toBeDefined();
  }
  expect(cache.get(textOf(99))).toBeDefined();
  expect(cache.get(textOf(1))).toBeUndefined();
  expect(cache.size).toBeLessThan(10);
});

test("one that is too large by itself is not kept, and pushes out no more than it must", () => {
  const cache = createDocumentCache(10 * 1_024);
  keep(cache, textOf(0, 1_000));
  expect(cache.size).toBe(0);
  keep(cache, textOf(1));
  keep(cache, textOf(1));
  expect(cache.size).toBe(1);
});
