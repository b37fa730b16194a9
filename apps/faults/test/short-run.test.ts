import { expect, test } from "vitest";
import { runScenario } from "../src/scenario.ts";
import { scenarios } from "../src/scenarios/index.ts";

/** A few scenarios on every run, with another seed each day; `pnpm faults` runs all of them. */
const SHORT = [
  "workers killed (kill -9) in random moments",
  "Redis killed (kill -9) and restarted on its files",
  "answers lost after the write, appends included",
  "500 although it was written, or not",
];
const SEED = Math.floor(Date.now() / 86_400_000);

test.each(SHORT)(
  "%s",
  async (name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario === undefined) {
      throw new Error(`there is no scenario "${name}"`);
    }
    const report = await runScenario(scenario, SEED);
    const { accepted, applied, calls } = report.verdict;
    expect(report.broken, `seed ${SEED}: ${report.verdict.examples.join("; ")}`).toEqual([]);
    expect(applied).toBe(accepted);
    expect(calls).toBeGreaterThanOrEqual(accepted);
  },
  180_000,
);
