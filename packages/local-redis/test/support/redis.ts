import { onTestFinished } from "vitest";
import { type LocalRedis, type LocalRedisOptions, startLocalRedis } from "../../src/index.ts";
import { type RespReply, redisCommand } from "../../src/resp.ts";
import { tempDir } from "./temp-dir.ts";

/** A Redis on temporary files that is stopped after the running test. */
export async function redisForTest(options: LocalRedisOptions = {}): Promise<LocalRedis> {
  const dataDir = options.dataDir ?? (await tempDir());
  const redis = await startLocalRedis({ ...options, dataDir });
  onTestFinished(() => redis.stop());
  return redis;
}

export function send(redis: { port: number }, ...args: string[]): Promise<RespReply> {
  return redisCommand(redis.port, args, 30_000);
}
