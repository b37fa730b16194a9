import { parseArgs } from "node:util";
import type { Scenario } from "./scenario.ts";

export const USAGE = `Usage: pnpm faults [options]

  --only TEXT     only scenarios whose name contains this, any letter case
  --seed N        replays a run; default another one each time
  --minutes N     goes round with new seeds until the time is up; the first round is always completed
  --list          names the scenarios
  --logs          shows what the processes print
  --help
`;

export interface Options {
  readonly chosen: readonly Scenario[];
  readonly seed: number;
  readonly minutes: number;
  readonly show: "run" | "list" | "help";
  readonly hasLogs: boolean;
}

/** Thrown when the command line cannot be understood; the message is for whoever typed it. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/** Reads the command line. Throws {@link OptionsError}. */
export function readOptions(
  args: readonly string[],
  scenarios: readonly Scenario[],
  defaultSeed: number,
): Options {
  const values = parse(args.filter((arg) => arg !== "--"));
  const { only = "" } = values;
  const chosen = scenarios.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
  if (chosen.length === 0) {
    throw new OptionsError(`No scenario's name contains "${only}"; --list names them.`);
  }
  return {
    chosen,
    seed: wholeNumber("seed", values.seed) ?? defaultSeed,
    minutes: positive("minutes", values.minutes) ?? 0,
    show: values.help ? "help" : values.list ? "list" : "run",
    hasLogs: values.logs ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        seed: { type: "string" },
        minutes: { type: "string" },
        list: { type: "boolean" },
        logs: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,15}$/.test(text)) {
    throw new OptionsError(`--${name} must be a whole number, not "${text}"`);
  }
  return text === undefined ? undefined : Number(text);
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !(Number(text) > 0 && Number.isFinite(Number(text)))) {
    throw new OptionsError(`--${name} must be a number above 0, not "${text}"`);
  }
  return text === undefined ? undefined : Number(text);
}
