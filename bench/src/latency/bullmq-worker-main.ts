import { type RateLimiterOptions, Worker } from "bullmq";
import { Pool } from "undici";

/**
 * `bullmq-worker-main <Redis URL> <queue> <upstream URL> [limiter as JSON]`: makes the PATCH of each job. As many jobs at a time as
 * our worker takes lanes, commands repeated for ever (BullMQ's guide asks for it in workers).
 */
const [redisUrl = "", name = "", upstreamUrl = "", limiter] = process.argv.slice(2);
const CONCURRENCY = 16;
const { origin, pathname } = new URL(upstreamUrl);
const pool = new Pool(origin, { connections: CONCURRENCY });

interface Write {
  readonly referralId: string;
  readonly patch: unknown;
}

const worker = new Worker<Write>(
  name,
  async ({ data }) => {
    const { statusCode, body } = await pool.request({
      method: "PATCH",
      path: `${pathname}/engagements/referrals/${data.referralId}`,
      headers: { "content-type": "application/json-patch+json", authorization: "Bearer none" },
      body: JSON.stringify(data.patch),
    });
    await body.text();
    if (statusCode !== 200) {
      throw new Error(`refused with ${statusCode}`);
    }
  },
  {
    connection: { url: redisUrl, maxRetriesPerRequest: null },
    concurrency: CONCURRENCY,
    ...(limiter === undefined ? {} : { limiter: JSON.parse(limiter) as RateLimiterOptions }),
  },
);
worker.on("error", (error) => console.error(error.message));
await worker.waitUntilReady();
console.log(JSON.stringify({ ready: true }));
