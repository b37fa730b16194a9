import { parseArgs } from "node:util";
import Table from "cli-table3";
import pc from "picocolors";
import { runScenario, type ScenarioReport } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seed: { type: "string" },
    only: { type: "string" },
    logs: { type: "boolean" },
  },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

const chosen = scenarios.filter(({ name }) => name.includes(values.only ?? ""));
const firstSeed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const until = performance.now() + Number(values.minutes ?? 0) * 60_000;
say(`Seed ${firstSeed}; replay with --seed ${firstSeed}.`);

const reports: ScenarioReport[] = [];
for (let round = 0; round === 0 || performance.now() < until; round++) {
  for (const scenario of chosen) {
    const report = await runScenario(scenario, firstSeed + round, (name, line) => {
      if (values.logs) {
        say(pc.dim(`${name} ${line}`));
      }
    });
    reports.push(report);
    say(lineOf(report));
  }
}
say(tableOf(reports));
process.exitCode = reports.some(({ broken }) => broken.length > 0) ? 1 : 0;

function lineOf({ name, seed, broken, seconds, verdict }: ScenarioReport): string {
  const verdictText = broken.length === 0 ? pc.green("kept  ") : pc.red("BROKEN");
  const why = [...broken, ...(broken.length > 0 ? verdict.examples : [])].join("; ");
  return `${verdictText} ${name} (seed ${seed}, ${seconds.toFixed(0)} s) ${why}`;
}

function tableOf(all: readonly ScenarioReport[]): string {
  const table = new Table({
    head: [
      "scenario",
      "done",
      "accepted",
      "applied",
      "failed",
      "lost",
      "doubled",
      "disorder",
      "at once",
      "calls",
      "429s",
    ],
    style: { head: [], border: [] },
  });
  for (const { name, done, verdict: v } of all) {
    table.push([
      name,
      done,
      v.accepted,
      v.applied,
      v.failed,
      v.lost,
      v.doubled,
      v.outOfOrder,
      v.mostAtOnce,
      v.calls,
      v.refusals,
    ]);
  }
  return table.toString();
}
