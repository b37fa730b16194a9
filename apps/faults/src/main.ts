import pc from "picocolors";
import { OptionsError, readOptions, USAGE } from "./options.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario, ScenarioReport } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { tableOf } from "./table.ts";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
// Ended by a signal, the processes we started end with us.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

try {
  const options = readOptions(process.argv.slice(2), scenarios, Date.now() % 1_000_000);
  if (options.show === "help") {
    say(USAGE);
  } else if (options.show === "list") {
    say(options.chosen.map(({ name }) => name).join("\n"));
  } else {
    process.exitCode = (await runAll(options)) ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof OptionsError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}

/** Whether every promise was kept. */
async function runAll(options: ReturnType<typeof readOptions>): Promise<boolean> {
  const until = performance.now() + options.minutes * 60_000;
  say(`Seed ${options.seed}. Replay one scenario: pnpm faults --only "<name>" --seed <seed>`);
  const reports: ScenarioReport[] = [];
  let crashes = 0;
  for (let round = 0; round === 0 || performance.now() < until; round++) {
    for (const scenario of options.chosen) {
      if (round > 0 && performance.now() >= until) {
        break;
      }
      const report = await runOne(scenario, options.seed + round, options.hasLogs);
      if (report === undefined) {
        crashes += 1;
      } else {
        reports.push(report);
      }
    }
  }
  if (reports.length > 0) {
    say(tableOf(reports));
  }
  const broken = reports.filter((report) => report.broken.length > 0);
  say(
    `${reports.length + crashes} runs, ${broken.length} with a broken promise, ${crashes} crashed`,
  );
  for (const { name, seed } of broken) {
    say(`  pnpm faults --only "${name}" --seed ${seed}`);
  }
  return broken.length === 0 && crashes === 0;
}

async function runOne(
  scenario: Scenario,
  seed: number,
  hasLogs: boolean,
): Promise<ScenarioReport | undefined> {
  const onLine = (name: string, line: string): void => say(pc.dim(`${name} ${line}`));
  try {
    const report = await runScenario(scenario, seed, hasLogs ? { onLine } : {});
    say(lineOf(report));
    return report;
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`${pc.red("CRASH ")} ${scenario.name} (seed ${seed}) ${why}`);
    return undefined;
  }
}

function lineOf({ name, seed, broken, notes, seconds, verdict }: ScenarioReport): string {
  const { calls } = verdict;
  const kinds = `${calls.writes} writes, ${calls.reads} reads, ${calls.lists} lists`;
  const head = broken.length === 0 ? pc.green("kept  ") : pc.red("BROKEN");
  const facts = [`seed ${seed}`, `${seconds.toFixed(0)} s`, kinds, ...notes].join(", ");
  return [`${head} ${name} (${facts})`, ...broken.map((what) => `         ${what}`)].join("\n");
}
