import type { Redis } from "ioredis";

/** FLUSHALL, but for what BullMQ writes down once, when a queue is opened: how many events it keeps. */
export async function emptyRedis(redis: Redis): Promise<void> {
  const metas = await redis.keys("*:meta");
  const settings = await Promise.all(metas.map((key) => redis.hgetall(key)));
  await redis.flushall();
  await Promise.all(metas.map((key, at) => redis.hset(key, settings[at] ?? {})));
}
