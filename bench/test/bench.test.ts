import { expect, test } from "vitest";
import { measureIntake } from "../src/intake.ts";
import { measureSync } from "../src/sync.ts";

test("the intake benchmark runs", async () => {
  const results = await measureIntake(200, 1);
  expect(results.map(({ format, rows }) => [format, rows])).toEqual([
    ["ndjson", 200],
    ["csv", 200],
  ]);
});

test("a sync writes what changes, and reads the list instead of every referral", async () => {
  const results = await measureSync(300, 200);
  expect(results.map(({ changed, writes }) => [changed, writes])).toEqual([
    [10, 10],
    [10, 10],
    [300, 300],
  ]);
  for (const { listCalls, reads, counted, writes } of results) {
    expect(reads).toBe(0);
    expect(listCalls).toBeLessThanOrEqual(4);
    expect(counted).toBe(listCalls + writes);
  }
});
