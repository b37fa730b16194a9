import { expect, test } from "vitest";
import { scale } from "../src/scale/benchmark.ts";
import { checkGoal } from "../src/scale/check.ts";
import { predict, shardsFor, type UnitCosts } from "../src/scale/model.ts";
import { bytesText, durationText } from "../src/scale/text.ts";

const costs: UnitCosts = {
  workerPerSecond: 400,
  workerCpuMs: 2,
  redisCpuMs: 1,
  elseCpuMs: 1,
  intakePerSecond: 10_000,
  fixedSeconds: 1,
  waitingBytes: 1_000,
  finalBytes: 800,
  stateBytes: 500,
  aofBytes: 5_000,
  commands: 50,
};
const load = { updates: 9_500, accounts: 1, ratePerSecond: 100, workersPerAccount: 1, shards: 1 };

test("the slowest part decides how long it takes", () => {
  const decides = (more: Partial<Parameters<typeof predict>[0]>) => {
    const { bottleneck, updatesPerSecond } = predict({ ...load, ...more }, costs);
    return [bottleneck, updatesPerSecond];
  };
  expect(decides({})).toEqual(["upstream limit", 95]);
  expect(decides({ accounts: 3 })).toEqual(["upstream limit", 285]);
  expect(decides({ ratePerSecond: 1_000 })).toEqual(["workers", 400]);
  expect(decides({ ratePerSecond: 5_000, workersPerAccount: 9 })).toEqual(["Redis", 1_000]);
  expect(decides({ ratePerSecond: 5_000, workersPerAccount: 9, accounts: 3, shards: 2 })).toEqual([
    "Redis",
    2_000,
  ]);
  expect(decides({ ratePerSecond: 5_000, workersPerAccount: 2, cores: 2 })).toEqual(["cores", 500]);
  expect(
    predict({ ...load, ratePerSecond: 1e9, workersPerAccount: 1e6 }, { ...costs, redisCpuMs: 0.01 })
      .bottleneck,
  ).toBe("intake");
  expect(predict(load, costs).seconds).toBeCloseTo(1 + 0.95 + 100);
});

test("what waits becomes final, and is held for 30 days, its state for two", () => {
  expect(predict(load, costs).redisBytes).toBe(9_500 * 1_300);
  // At 95 a second, the states of two days are the most there ever are of them.
  const days = (count: number) => count * 86_400 * 95;
  const months = predict({ ...load, updates: days(60) }, costs);
  expect(months.redisBytes).toBe(days(58) * 1_000 + days(2) * 1_300);
  const few = predict({ ...load, updates: days(60) }, { ...costs, waitingBytes: 0 });
  expect(few.redisBytes).toBe(days(30) * 800 + days(2) * 500);
});

test("whole accounts go on a Redis server, by memory and by core", () => {
  const shards = (redisBytes: number, updatesPerSecond: number, accounts: number) =>
    shardsFor({ redisBytes, updatesPerSecond }, accounts, 1e9, costs);
  expect(shards(10e9, 10, 100)).toBe(10);
  expect(shards(1e6, 10_000, 100)).toBe(10);
  expect(shards(4e9, 10, 5)).toBe(5); // each takes more than half a server
  expect(shards(2e9, 10, 1)).toBeUndefined();
});

test("a model that is too far off is said to be", () => {
  const point = { updates: 9_500, accounts: 1, ratePerSecond: 100, workersPerAccount: 1 };
  expect(checkGoal([{ point, measured: [95, 100, 90] }], costs, 8).isMet).toBe(true);
  expect(checkGoal([{ point, measured: [80] }], costs, 8)).toMatchObject({
    isMet: false,
    measured: "0 of 1 points; the farthest is 27 % off",
    why: expect.stringMatching(
      /^9500 updates \(accounts: 1, workers of each: 1\): 27 % too slow\./,
    ),
  });
});

test("durations and bytes are told in words", () => {
  expect([3.25, 600, 10_000, 1e7].map(durationText)).toEqual([
    "3.3 s",
    "10 min",
    "2.8 h",
    "116 days",
  ]);
  expect([1_500, 2e6, 34e9, 5.6e12].map(bytesText)).toEqual(["1.5 kB", "2 MB", "34 GB", "5.6 TB"]);
});

test("the benchmark runs, and every cost is a number", async () => {
  const { tables, goals } = await scale.run({ size: "test", say: () => {} });
  expect(goals).toHaveLength(1);
  const [unitCosts, check, durations] = tables;
  for (const [, value] of unitCosts?.rows ?? []) {
    expect(Number(String(value).replaceAll(",", ""))).toBeGreaterThan(0);
  }
  expect(check?.rows).toHaveLength(1);
  expect(durations?.rows.at(0)?.[2]).toMatch(/min$/);
});
