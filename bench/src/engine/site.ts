import { fileURLToPath } from "node:url";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { appEntry, type ChildService, startChild } from "@patchlane/local-stack";
import { openUpdateQueue, type UpdateQueue } from "@patchlane/update-queue";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { startUpstream, type Upstream } from "../upstream/start-upstream.ts";

/** Jobs, or lanes, under way in a worker: enough that nothing waits for a round trip. */
export const CONCURRENCY = 64;
/** The most the settings take: pacing is not what is measured here. */
const NO_LIMIT_PER_SECOND = 10_000;

/** A Redis (`appendfsync always`) that Patchlane and BullMQ use in turn, and an upstream that answers at once. */
export interface Site {
  readonly redis: LocalRedis;
  readonly upstream: Upstream;
  /** For looking at Redis, and for BullMQ's producers. */
  readonly connection: Redis;
  readonly patchlane: UpdateQueue;
  readonly bullmq: Queue;
  stop(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const redis = await startLocalRedis();
  const upstream = await startUpstream();
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  await connection.config("SET", "auto-aof-rewrite-percentage", "0"); // a rewrite would fall into somebody's turn
  const patchlane = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: NO_LIMIT_PER_SECOND, burst: 1 },
    onError: (error) => {
      throw error;
    },
  });
  await patchlane.untilConnected(5_000);
  const bullmq = new Queue("updates", { connection });
  return {
    redis,
    upstream,
    connection,
    patchlane,
    bullmq,
    stop: async () => {
      await bullmq.close();
      await patchlane.close();
      connection.disconnect();
      await upstream.stop();
      await redis.stop();
    },
  };
}

/** A worker as it is started in production. */
export async function startPatchlaneWorker({ redis, upstream }: Site): Promise<ChildService> {
  const { service } = await startChild({
    name: "worker",
    nodeArguments: appEntry("worker", "source"),
    environment: {
      REDIS_URL: redis.url,
      PARTNER_CENTER_URL: upstream.url,
      PARTNER_CENTER_ACCESS_TOKEN: "bench",
      PARTNER_CENTER_RATE: String(NO_LIMIT_PER_SECOND),
      WORKER_CONCURRENCY: String(CONCURRENCY),
    },
    isReady: (line) => line.msg === "worker ready",
  });
  return service;
}

/** A BullMQ worker with a PATCH a job, or with nothing to do. */
export async function startBullmqWorker(
  site: Site,
  job: "patch" | "nothing",
): Promise<ChildService> {
  const path = fileURLToPath(new URL("./drain-bullmq-main.ts", import.meta.url));
  const upstreamUrl = job === "patch" ? site.upstream.url : "";
  const { service } = await startChild({
    name: "bullmq worker",
    nodeArguments: [path, site.redis.url, site.bullmq.name, upstreamUrl, String(CONCURRENCY)],
    environment: {},
    isReady: (line) => line.ready === true,
  });
  return service;
}
