import { expect, test } from "vitest";
import { latency } from "../src/latency/latency.ts";
import { ownWaits } from "../src/latency/own-wait.ts";
import { poissonArrivals } from "../src/latency/poisson.ts";
import type { Spread } from "../src/report/spread.ts";

test("calls wait for the rate alone when they come faster than it lets them leave", () => {
  expect(ownWaits([0, 10, 200, 200], 20).map(Math.round)).toEqual([0, 43, 0, 53]);
});

test("arrivals of one seed are the same, ascending, and as many a second as they should be", () => {
  const arrivals = poissonArrivals(2_000, 100, 1);
  expect(arrivals).toEqual(poissonArrivals(2_000, 100, 1));
  expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  expect(arrivals.at(-1)).toBeGreaterThan(18_000);
  expect(arrivals.at(-1)).toBeLessThan(22_000);
});

test("the latency benchmark runs, and everybody's changes reach the upstream once", async () => {
  const { rounds, tables, goals } = await latency.run({ size: "test", say: () => {} });
  expect([rounds, goals.length]).toEqual([1, 1]);
  const [low, behind] = tables.map(({ rows }) => rows);
  expect(low?.map(([who]) => who)).toEqual([
    "Patchlane at 200/s",
    "the PATCH itself, no queue",
    "BullMQ, fsync every second",
    "BullMQ, fsync before the answer",
  ]);
  expect(behind).toHaveLength(2);
  for (const [, toWrite] of [...(low ?? []), ...(behind ?? [])]) {
    expect((toWrite as Spread).median).toBeGreaterThan(0);
  }
});
