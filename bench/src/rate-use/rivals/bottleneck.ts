import Bottleneck from "bottleneck";
import { Redis } from "ioredis";
import { idsOf, type PrepareRival } from "./rival.ts";

/** "Strongly recommended on every job" of a cluster. */
const EXPIRATION_MS = 60_000;

class RefusedError extends Error {
  readonly refusedForMs: number;

  constructor(refusedForMs: number) {
    super("refused");
    this.refusedForMs = refusedForMs;
  }
}

/** One limiter over Redis for all processes; each has its own list of calls, since the cluster shares none. */
export const prepareBottleneck: PrepareRival = async (task, calls) => {
  const { hostname: host, port } = new URL(task.redisUrl);
  const limiter = new Bottleneck({
    id: "referrals",
    datastore: "ioredis",
    clientOptions: { host, port: Number(port) },
    Redis,
    minTime: 1_000 / task.ratePerSecond,
    maxConcurrent: task.concurrency * task.processes, // of the whole cluster
  });
  limiter.on("error", (error: unknown) => console.error(error));
  limiter.on("failed", (error: unknown) =>
    error instanceof RefusedError ? error.refusedForMs : undefined,
  );
  await limiter.ready();
  const patch = async (referralId: string): Promise<void> => {
    const refusedForMs = await calls.patch(referralId);
    if (refusedForMs !== undefined) {
      throw new RefusedError(refusedForMs);
    }
  };
  return () => {
    for (const id of idsOf(task)) {
      limiter.schedule({ expiration: EXPIRATION_MS }, patch, id).catch(console.error);
    }
  };
};
