import { patchCalls } from "../patch-calls.ts";
import { prepareBottleneck } from "./bottleneck.ts";
import { prepareBullmq } from "./bullmq.ts";
import { preparePQueue } from "./p-queue.ts";
import type { PrepareRival, RivalName, RivalTask } from "./rival.ts";

/** `rival-main <task as JSON>`: one process of a rival. It warms up, says that it is ready, and begins at SIGUSR2. */
const PREPARE: Readonly<Record<RivalName, PrepareRival>> = {
  bullmqWindow: prepareBullmq,
  bullmqEven: prepareBullmq,
  bullmqReacting: prepareBullmq,
  bottleneck: prepareBottleneck,
  pQueue: preparePQueue,
};

const task = JSON.parse(process.argv[2] ?? "{}") as RivalTask;
const calls = patchCalls(task.upstreamUrl, task.concurrency);
const begin = await PREPARE[task.rival](task, calls);
await calls.warmUp();
setInterval(() => undefined, 60_000); // stays until it is told to go: idle sockets keep no process
process.on("SIGUSR2", begin);
process.on("SIGTERM", () => process.exit(0));
console.log(JSON.stringify({ ready: true }));
