import { fileURLToPath } from "node:url";
import { startChild } from "@patchlane/local-stack";
import type { RateLimiterOptions } from "bullmq";
import { Pool } from "undici";
import { type BacklogContender, patchOf } from "./contender.ts";

export interface BullmqOptions {
  readonly redisUrl: string;
  readonly upstreamUrl: string;
  readonly queue: string;
  /** Of its worker; without one it sends as fast as it can. */
  readonly limiter?: RateLimiterOptions;
}

/** The same path with BullMQ alone: a server that adds a job, and a worker that makes its PATCH, in a process each. */
export async function startBullmq(
  options: BullmqOptions,
): Promise<BacklogContender & { stop(): Promise<void> }> {
  const { redisUrl, upstreamUrl, queue, limiter } = options;
  const [server, worker] = await Promise.all([
    start("server", [redisUrl, queue]),
    start("worker", [
      ...[redisUrl, queue, upstreamUrl],
      ...(limiter === undefined ? [] : [JSON.stringify(limiter)]),
    ]),
  ]);
  const pool = new Pool(String(server.ready.url), { connections: 16 });
  const ask = async (method: "POST" | "DELETE", path: string, body?: string): Promise<void> => {
    const answer = await pool.request({ method, path, ...(body === undefined ? {} : { body }) });
    await answer.body.text();
    if (answer.statusCode !== 202) {
      throw new Error(`BullMQ's server answered ${answer.statusCode}`);
    }
  };
  return {
    change: (referralId, n) => ask("POST", `/${referralId}`, JSON.stringify(patchOf(n))),
    fill: (rows) => ask("POST", `/?rows=${rows}`),
    empty: () => ask("DELETE", "/"),
    stop: async () => {
      await pool.close();
      await Promise.all([server.service.stop(), worker.service.stop()]);
    },
  };
}

function start(part: "server" | "worker", args: readonly string[]) {
  const path = fileURLToPath(new URL(`./bullmq-${part}-main.ts`, import.meta.url));
  return startChild({
    name: `bullmq ${part}`,
    nodeArguments: [path, ...args],
    environment: { NODE_ENV: "production" },
    isReady: (line) => line.ready === true,
  });
}
