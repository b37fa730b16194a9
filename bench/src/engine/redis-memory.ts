import type { Redis } from "ioredis";

/** Bytes Redis holds for data and itself (`used_memory`). */
export async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1] ?? Number.NaN);
}
