import { expect, test } from "vitest";
import type { BulkLoad } from "../src/bulk/plan-rows.ts";
import type { Load } from "../src/load.ts";
import { runScenario } from "../src/run-scenario.ts";
import { scenarios } from "../src/scenarios/index.ts";

/** A few scenarios in small, on every run and always the same; `pnpm faults` runs all of them, with new seeds. */
const SHORT: readonly (readonly [string, Load])[] = [
  ["workers killed (kill -9) in random moments", { updates: 100, pauseMs: 200 }],
  ["Redis killed (kill -9) and restarted on its files", { updates: 100, pauseMs: 300 }],
  ["answers lost after the write, appends included", { updates: 200, appendShare: 0.8 }],
  ["poison updates inside folded PATCHes", { referrals: 8, updates: 240, poisonShare: 0.03 }],
  ["429 storms, Retry-After seconds", { updates: 100, pauseMs: 300 }],
];
const SHORT_BULK: readonly (readonly [string, BulkLoad])[] = [
  [
    "bulk: gateway killed while rows are received, repeated with the same key",
    { updates: 1, rows: 200, referrals: 50, format: "csv", uploadMs: 800 },
  ],
  [
    "bulk: workers killed (kill -9) while planning and sending",
    { updates: 2, rows: 200, referrals: 50, externalShare: 0.2, hasCallback: true },
  ],
];
const SEED = 20_778;
/** Other tests run meanwhile; a call that a starved process has decided on may leave late. */
const OPTIONS = { troubleMs: 3_000, inFlightMs: 700 };
const TIMEOUT_MS = 300_000;

test.each(SHORT)(
  "%s",
  async (name, load) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario === undefined) {
      throw new Error(`there is no scenario "${name}"`);
    }
    const { broken, verdict } = await runScenario({ ...scenario, load }, SEED, OPTIONS);
    expect(broken, `seed ${SEED}`).toEqual([]);
    expect(verdict.accepted).toBe(load.updates);
    expect(verdict.applied + verdict.failed).toBe(verdict.accepted);
    expect(verdict.calls.writes).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test.each(SHORT_BULK)(
  "%s",
  async (name, bulk) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario === undefined) {
      throw new Error(`there is no scenario "${name}"`);
    }
    const { broken, verdict } = await runScenario({ ...scenario, bulk }, SEED, OPTIONS);
    expect(broken, `seed ${SEED}`).toEqual([]);
    expect(verdict.accepted).toBe((bulk.updates ?? 1) * (bulk.rows ?? 0));
    expect(verdict.applied).toBe(verdict.accepted);
    expect(verdict.calls.writes).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
