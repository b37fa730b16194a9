import PQueue from "p-queue";
import { idsOf, type PrepareRival } from "./rival.ts";

/** A queue in every process, each with its share of the calls and of the rate: there is no cluster mode. */
export const preparePQueue: PrepareRival = async (task, calls) => {
  const queue = new PQueue({
    autoStart: false,
    concurrency: task.concurrency,
    intervalCap: Math.max(1, Math.floor(task.ratePerSecond / task.processes)),
    interval: 1_000,
    strict: true,
  });
  const add = (referralId: string): void => {
    queue.add(() => patch(referralId)).catch(console.error);
  };
  const patch = async (referralId: string): Promise<void> => {
    const refusedForMs = await calls.patch(referralId);
    if (refusedForMs !== undefined) {
      queue.pause();
      setTimeout(() => queue.start(), refusedForMs);
      add(referralId);
    }
  };
  for (const id of idsOf(task)) {
    add(id);
  }
  return () => void queue.start();
};
