import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";

/** Commands in one pipeline. */
const A_PIPELINE = 500;

/** The rival: the lines of a file, written to a Redis list as they are, pipelined, on one connection. Answers ms. */
export async function bareWrite(redisUrl: string, path: string): Promise<number> {
  const redis = new Redis(redisUrl);
  try {
    const startedAt = performance.now();
    let pipeline = redis.pipeline();
    for await (const line of createInterface({ input: createReadStream(path) })) {
      pipeline.rpush("bench:bare", line);
      if (pipeline.length === A_PIPELINE) {
        await pipeline.exec();
        pipeline = redis.pipeline();
      }
    }
    await pipeline.exec();
    const ms = performance.now() - startedAt;
    await redis.unlink("bench:bare");
    return ms;
  } finally {
    redis.disconnect();
  }
}
