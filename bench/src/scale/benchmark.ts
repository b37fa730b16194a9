import { cpus } from "node:os";
import type { Benchmark } from "../report/benchmark.ts";
import { median } from "../report/spread.ts";
import { type CheckedPoint, checkGoal, checkTable } from "./check.ts";
import { measurePoint } from "./measure-point.ts";
import type { UnitCosts } from "./model.ts";
import { costsTable, durationTable, redisTable, workersTable } from "./outlook.ts";
import { PLANS } from "./plans.ts";
import { measureUnitCosts } from "./unit-costs.ts";

const METHOD = `A model ([model.ts](../bench/src/scale/model.ts), a page) says how long a backlog takes and what Redis needs for it: the slowest of the upstream's limit (of
which Patchlane spends 95 %), the workers and Redis decides. What one update costs is measured first, on the real gateway, worker and Redis; then the
model has to foretell backlogs of other sizes, limits, accounts and workers, which are run for real in the same rounds: no rival, the measured time is what it is held against.
Only then is it asked about what no machine here can run. The upstream answers at once and sets no limit, so that a worker's own speed shows; every update is
of a referral of its own and one call.

What would be next: whatever the limit, the upstream's is the bottleneck until it is as high as one worker is fast; more workers help until one Redis core is
full, and an account's keys are all on one server. Large backlogs are bound by memory sooner: what is final is kept for 30 days, so a limit times 30 days of final
updates is what an account's server must hold, however little of it waits.`;

export const scale: Benchmark = {
  name: "scale",
  title: "Scale by simulation",
  method: METHOD,
  rivals: [],
  async run({ size, say }) {
    const plan = PLANS[size];
    const cores = cpus().length;
    const costs: UnitCosts[] = [];
    const measured: number[][] = plan.points.map(() => []);
    for (let round = 1; round <= plan.rounds; round++) {
      costs.push(await measureUnitCosts(plan.costRows));
      say(`round ${round}: one worker sends ${Math.round(costs.at(-1)?.workerPerSecond ?? 0)}/s`);
      for (const [index, point] of plan.points.entries()) {
        const seconds = await measurePoint(point);
        measured[index]?.push(seconds);
        say(`round ${round}: ${point.updates} updates took ${seconds.toFixed(1)} s`);
      }
    }
    const usual = medianCosts(costs);
    const checked: CheckedPoint[] = plan.points.map((point, index) => ({
      point,
      measured: measured[index] ?? [],
    }));
    return {
      rounds: plan.rounds,
      tables: [
        costsTable(usual),
        checkTable(checked, usual, cores),
        durationTable(usual),
        redisTable(usual),
        workersTable(usual),
      ],
      goals: [checkGoal(checked, usual, cores)],
    };
  },
};

function medianCosts(rounds: readonly UnitCosts[]): UnitCosts {
  const [first] = rounds;
  if (first === undefined) {
    throw new Error("a round is needed");
  }
  const names = Object.keys(first) as (keyof UnitCosts)[];
  const medians = names.map((name) => [name, median(rounds.map((costs) => costs[name]))] as const);
  return Object.fromEntries(medians) as unknown as UnitCosts;
}
