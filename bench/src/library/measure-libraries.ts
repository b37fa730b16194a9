import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONTENDERS, type ContenderName } from "./contender.ts";
import type { Measured } from "./measure.ts";

const MAIN = fileURLToPath(new URL("./library-main.ts", import.meta.url));
/** The limit: the same values compared, line by line, and nothing else. */
export const LIMIT = "written out";
export type Measurable = ContenderName | typeof LIMIT;

/** Of each library and task: nanoseconds of a call in every round. */
export type Samples = ReadonlyMap<Measurable, ReadonlyMap<string, readonly number[]>>;

/**
 * Rounds in which each library has a process of its own in turn: none profits or suffers from what another left in the heap or in
 * the compiler's feedback, and what differs from one process to the next is part of the spread.
 */
export async function measureLibraries(
  rounds: number,
  sampleMs: number,
  say: (line: string) => void,
): Promise<Samples> {
  const all: readonly Measurable[] = [...CONTENDERS, LIMIT];
  const samples = new Map(all.map((name) => [name, new Map<string, number[]>()]));
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    const first = round % all.length; // nobody always comes after the same
    for (const name of [...all.slice(first), ...all.slice(0, first)]) {
      const measured = await measureOne(name, sampleMs);
      for (const [task, { ns }] of Object.entries(measured)) {
        const own = samples.get(name);
        own?.set(task, [...(own.get(task) ?? []), ns]);
      }
    }
  }
  return samples;
}

async function measureOne(name: Measurable, sampleMs: number): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@patchlane/source",
    MAIN,
    name,
    String(sampleMs),
  ]);
  return JSON.parse(stdout) as Measured;
}
