import { expect, test } from "vitest";
import { planOf } from "../src/rate-use/plan.ts";
import { callsOf, idealMs, type RateCase } from "../src/rate-use/rate-case.ts";
import { rateUse } from "../src/rate-use/rate-use.ts";
import type { Cell } from "../src/report/benchmark.ts";
import type { Spread } from "../src/report/spread.ts";
import { limiterOf } from "../src/upstream/limiter.ts";

test.each<RateCase>([
  { kind: "bucket", ratePerSecond: 20, burst: 2, processes: 1, idealSeconds: 3 },
  { kind: "window", ratePerSecond: 20, burst: 1, processes: 1, idealSeconds: 3 },
])("no $kind lets the calls of a drain in earlier than the ideal time says", (rateCase) => {
  const refusal = limiterOf({ ...rateCase, penaltyMs: 0 });
  const calls = callsOf(rateCase);
  let taken = 0;
  let nowMs = 0;
  for (; taken < calls; nowMs += 1) {
    while (taken < calls && refusal(nowMs) === undefined) taken += 1;
  }
  expect(nowMs - 1).toBe(idealMs(rateCase, calls));
  expect(idealMs(rateCase, calls)).toBe(rateCase.idealSeconds * 1_000);
});

test("every contender is measured, and every call is counted", async () => {
  const { rounds, tables, goals } = await rateUse.run({ size: "test", say: () => undefined });
  const { cases } = planOf("test");
  expect(rounds).toBe(1);
  expect(goals).toHaveLength(2); // warm and cold
  expect(tables).toHaveLength(cases.length);
  for (const [index, rateCase] of cases.entries()) {
    const { columns, rows } = tables[index] ?? { columns: [], rows: [] };
    expect(rows).toHaveLength(rateCase.contenders.length);
    const median = (row: readonly Cell[], head: string): number => {
      const cell = row[columns.findIndex((each) => each.head === head)];
      return (cell as Spread).median;
    };
    for (const row of rows) {
      expect(median(row, "calls made")).toBe(median(row, "of them done") + median(row, "429s"));
    }
    expect(median(rows[0] ?? [], "of them done")).toBe(callsOf(rateCase));
  }
});
