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

function sample({ run, calls }: Task, sampleMs: number): { ns: number; sum: number } {
  const startedAt = performance.now();
  let runs = 0;
  let total = 0;
  let elapsedMs = 0;
  do {
    for (let i = 0; i < 8; i++) {
      total += run();
    }
    runs += 8;
    elapsedMs = performance.now() - startedAt;
  } while (elapsedMs < sampleMs);
  return { ns: (elapsedMs * 1e6) / (runs * calls), sum: total / runs };
}
