import { Redis } from "ioredis";

export interface RedisFacts {
  readonly memoryBytes: number;
  readonly aofBytes: number;
  readonly commands: number;
}

export async function redisFacts(redisUrl: string): Promise<RedisFacts> {
  return withRedis(redisUrl, async (redis) => {
    const info = await redis.info();
    const value = (name: string): number =>
      Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
    return {
      memoryBytes: value("used_memory"),
      aofBytes: value("aof_current_size"),
      commands: value("total_commands_processed"),
    };
  });
}

/** Memory of all keys whose name has the given part, Redis' own for the entry included. */
export async function bytesOfKeys(redisUrl: string, part: string): Promise<number> {
  return withRedis(redisUrl, async (redis) => {
    let bytes = 0;
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, "MATCH", `*${part}*`, "COUNT", 1_000);
      cursor = next;
      const each = await Promise.all(keys.map((key) => redis.memory("USAGE", key)));
      bytes += each.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    } while (cursor !== "0");
    return bytes;
  });
}

async function withRedis<T>(redisUrl: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(redisUrl);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
