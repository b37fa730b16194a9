import { median } from "../report/spread.ts";
import type { Task } from "./tasks.ts";

/** Of each task: nanoseconds of a call, and what one run of it added up to. */
export type Measured = Readonly<Record<string, { readonly ns: number; readonly sum: number }>>;

/**
 * Every task is warm before the first is measured: a process that has seen one shape of input only is faster than any
 * that does real work. Throws when a task's result changes between runs.
 */
export function measureTasks(tasks: readonly Task[], sampleMs: number): Measured {
  const sums = tasks.map(({ run }) => run());
  for (const task of tasks) {
    sample(task, sampleMs);
  }
  return Object.fromEntries(
    tasks.map((task, index) => {
      const { ns, sum } = sample(task, sampleMs);
      if (sum !== sums[index]) {
        throw new Error(`${task.name}: ${sum} instead of ${sums[index]}`);
      }
      return [task.name, { ns, sum }];
    }),
  );
}

/** The median of slices of the sample: what the machine does meanwhile, or a long garbage collection, stays out of most of them. */
const SLICES = 20;

function sample({ run, calls }: Task, sampleMs: number): { ns: number; sum: number } {
  const slices: number[] = [];
  let runs = 0;
  let total = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    const startedAt = performance.now();
    const runsBefore = runs;
    let elapsedMs = 0;
    do {
      total += run();
      runs++;
      elapsedMs = performance.now() - startedAt;
    } while (elapsedMs < sampleMs / SLICES);
    slices.push((elapsedMs * 1e6) / ((runs - runsBefore) * calls));
  }
  return { ns: median(slices), sum: total / runs };
}
