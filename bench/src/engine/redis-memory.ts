import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";

/**
 * An idle Redis rebuilds a hash table that became too small for its keys for a millisecond in each of its rounds, and holds the old one
 * until then: ten rounds a second, or as many as it is told.
 */
const [ROUNDS, USUAL_ROUNDS] = ["500", "10"];
const REBUILT_MS_A_KEY = 0.003;

/**
 * Bytes Redis holds for data and itself: `used_memory` without the buffers of its connections and of the append-only file, which
 * tell what was sent lately. Waits until tables that are being rebuilt are.
 */
export async function usedMemory(redis: Redis): Promise<number> {
  await redis.config("SET", "hz", ROUNDS);
  await sleep((await redis.dbsize()) * REBUILT_MS_A_KEY);
  await redis.config("SET", "hz", USUAL_ROUNDS);
  const info = await redis.info("memory");
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
  return bytes("used_memory") - bytes("mem_clients_normal") - bytes("mem_aof_buffer");
}
