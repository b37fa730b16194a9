import { Queue, RateLimitError, type RateLimiterOptions, Worker } from "bullmq";
import { Redis } from "ioredis";
import { type PrepareRival, type RivalTask, referralIdOf } from "./rival.ts";

const QUEUE = "referrals";
/** Share of the limit that is aimed for where the limiter is used in small steps. */
const CAREFUL_SHARE = 0.9;
const STEP_MS = 100;
/** Manual limits work only beside a limiter: one that never applies. */
const NO_LIMIT: RateLimiterOptions = { max: 1_000_000, duration: 1_000 };

/** Puts the jobs there before any process of the rival runs. */
export async function fillQueue(redisUrl: string, jobs: number): Promise<void> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE, { connection });
  await queue.addBulk(
    Array.from({ length: jobs }, (_, index) => ({
      name: "patch",
      data: { referralId: referralIdOf(index) },
      opts: { removeOnComplete: true },
    })),
  );
  await queue.close();
  await connection.quit();
}

/** A worker with a limiter, which is one for all processes; a 429 stops the queue for as long as `Retry-After` says. */
export const prepareBullmq: PrepareRival = async (task, calls) => {
  const connection = new Redis(task.redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE, { connection });
  const worker = new Worker<{ referralId: string }>(
    QUEUE,
    async ({ data }) => {
      const refusedForMs = await calls.patch(data.referralId);
      if (refusedForMs !== undefined) {
        await queue.rateLimit(refusedForMs);
        throw new RateLimitError();
      }
    },
    { connection, autorun: false, concurrency: task.concurrency, limiter: limiterOf(task) },
  );
  worker.on("error", (error) => console.error(error));
  worker.on("failed", (_job, error) => console.error(error));
  await worker.waitUntilReady();
  return () => void worker.run();
};

function limiterOf({ rival, ratePerSecond }: RivalTask): RateLimiterOptions {
  if (rival === "bullmqReacting") {
    return NO_LIMIT;
  }
  if (rival === "bullmqWindow") {
    return { max: ratePerSecond, duration: 1_000 };
  }
  const max = Math.max(1, Math.floor((CAREFUL_SHARE * ratePerSecond * STEP_MS) / 1_000));
  return { max, duration: Math.ceil((max * 1_000) / (CAREFUL_SHARE * ratePerSecond)) };
}
