import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { Pool } from "undici";

/**
 * `drain-bullmq-main <Redis URL> <queue> <upstream URL or ""> <concurrency>`: what people write first. A BullMQ worker with a PATCH a job
 * (or, without an upstream, nothing: what BullMQ itself can do), kept-alive sockets, the whole answer read.
 */
const [redisUrl = "", queue = "", upstreamUrl = "", concurrency = "16"] = process.argv.slice(2);
const pool =
  upstreamUrl === ""
    ? undefined
    : new Pool(new URL(upstreamUrl).origin, { connections: Number(concurrency), pipelining: 1 });

async function patch(referralId: string, operations: unknown): Promise<void> {
  const { statusCode, body } = await (pool as Pool).request({
    method: "PATCH",
    path: `${new URL(upstreamUrl).pathname}/engagements/referrals/${referralId}`,
    headers: {
      authorization: "Bearer bench",
      "content-type": "application/json",
      prefer: "return=representation",
      "client-request-id": crypto.randomUUID(),
    },
    body: JSON.stringify(operations),
  });
  await body.json();
  if (statusCode !== 200) {
    throw new Error(`the upstream answered ${statusCode}`);
  }
}

const worker = new Worker<{ referralId: string; patch: unknown }>(
  queue,
  async ({ data }) => {
    if (pool !== undefined) {
      await patch(data.referralId, data.patch);
    }
  },
  {
    connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
    concurrency: Number(concurrency),
    removeOnComplete: { count: 0 },
    autorun: false,
  },
);
await worker.waitUntilReady();
console.log(JSON.stringify({ ready: true }));
process.once("SIGTERM", () => {
  void worker.close().then(() => process.exit(0));
});
await worker.run();
