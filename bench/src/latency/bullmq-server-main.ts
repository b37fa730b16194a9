import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Queue } from "bullmq";
import { patchOf } from "./contender.ts";

/**
 * `bullmq-server-main <Redis URL> <queue>`: what takes changes in where there is only BullMQ. `POST /<referral id>` adds a job with the
 * body, `POST /?rows=n` a backlog of n jobs of low priority, `DELETE /` takes everything back. Configured as BullMQ's guide recommends
 * for producers: no queue of commands while Redis is away, finished jobs removed, a few attempts.
 */
const [redisUrl = "", name = ""] = process.argv.slice(2);
const BACKLOG_PRIORITY = 10;
const queue = new Queue(name, {
  connection: { url: redisUrl, enableOfflineQueue: false },
  defaultJobOptions: {
    attempts: 5,
    backoff: { type: "exponential", delay: 1_000 },
    removeOnComplete: true,
    removeOnFail: true,
  },
});
await queue.waitUntilReady();

async function answer(request: IncomingMessage): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const rows = Number(searchParams.get("rows") ?? 0);
  if (request.method === "DELETE") {
    await queue.pause();
    await queue.drain();
    await queue.resume();
  } else if (rows > 0) {
    const jobs = Array.from({ length: rows }, (_, n) => ({
      name: "write",
      data: { referralId: `row-${n}`, patch: patchOf(n) },
      opts: { priority: BACKLOG_PRIORITY },
    }));
    await queue.addBulk(jobs);
  } else {
    const patch: unknown = JSON.parse(await text(request));
    await queue.add("write", { referralId: pathname.slice(1), patch });
  }
}

const server = createServer((request, response) => {
  answer(request).then(
    () => response.writeHead(202, { "content-length": 0 }).end(),
    () => response.writeHead(500, { "content-length": 0 }).end(),
  );
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` }));
});
