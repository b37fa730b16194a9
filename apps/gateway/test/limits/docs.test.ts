import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MOST_STREAMS, MOST_STREAMS_OF_CALLER } from "../../src/graphql/event-stream-limits.ts";
import { overLimit } from "../../src/limits/limit-error.ts";
import { LIMITS, type Limit } from "../../src/limits/limits.ts";

const page = readFileSync(new URL("../../../../docs/limits.md", import.meta.url), "utf8");

test("docs/limits.md has every limit with its number and code", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| ([\d,]+) +\| `(\w+)` /gm)];
  const documented = rows.map(([, limit, most = "", code]) => [
    limit,
    Number(most.replaceAll(",", "")),
    code,
  ]);
  const actual = (Object.keys(LIMITS) as Limit[]).map((limit) => [
    limit,
    LIMITS[limit],
    overLimit(limit, "more").extensions.code,
  ]);
  expect(documented.sort()).toEqual(actual.sort());
});

test("docs/limits.md says how many streams may be open", () => {
  const words = page.replace(/\s+/g, " ");
  expect(words).toContain(`${MOST_STREAMS_OF_CALLER} open at once in one gateway process (429)`);
  expect(words).toContain(`${MOST_STREAMS.toLocaleString("en")} of all callers together (503)`);
});
