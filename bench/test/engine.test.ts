import { expect, test } from "vitest";
import { findingsOf } from "../src/engine/findings.ts";
import { DRAINS, measureEngine } from "../src/engine/measure.ts";

test("the engine benchmark runs, and drains everything with the calls it should take", async () => {
  const results = await measureEngine({ size: "test", say: () => {} });
  const calls = DRAINS.map(({ name }) => results.drains.get(name)?.map((drain) => drain.calls));
  const [one, three = [1], ten = [1], bullmq, nothing] = calls;
  expect([one, bullmq, nothing]).toEqual([[1], [1], [0]]);
  expect(Math.max(...three)).toBeLessThanOrEqual(1);
  expect(Math.max(...ten)).toBeLessThanOrEqual(Math.max(...three));
  const { tables, goals } = findingsOf(results);
  expect(tables.map(({ rows }) => rows.length)).toEqual([3, 5, 5, 1]);
  expect(goals).toHaveLength(5);
});
