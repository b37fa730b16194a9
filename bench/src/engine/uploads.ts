import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalRedis } from "@patchlane/local-redis";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { type Format, upload, writeUpload } from "../uploads.ts";
import { bareWrite } from "./bare-write.ts";
import { emptyRedis } from "./empty-redis.ts";
import { patchOf, referralIdOf } from "./fill.ts";
import { forgetPeak, memoryOf } from "./memory.ts";
import { usedMemory } from "./redis-memory.ts";

/** Who takes rows in. `addBulk, everysec` may lose a second of them in a power cut. */
export type Taker =
  | "patchlane, NDJSON"
  | "patchlane, CSV"
  | "addBulk"
  | "addBulk, everysec"
  | "list";

export interface UploadResult {
  readonly perSecond: number;
  /** MB the gateway's resident memory grew by, at its peak. */
  readonly memoryMb?: number;
  /** Of Redis, one that waits. */
  readonly waitingBytes?: number;
}

/** Jobs handed to BullMQ in one call. */
const A_BATCH = 1_000;
const WARM_ROWS = 2_000;

/** Rows a second of each, round by round, over one gateway. */
export async function measureUploads(
  rows: number,
  rounds: number,
): Promise<Map<Taker, UploadResult[]>> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  const lossy = await startLocalRedis({ durable: false });
  const stack = await startLocalStack({ referrals: 1, workers: 0 });
  const redis = new Redis(stack.redisUrl);
  try {
    const ndjson = join(folder, "rows.ndjson");
    const csv = join(folder, "rows.csv");
    for (const count of [Math.min(rows, WARM_ROWS), rows]) {
      await writeUpload(ndjson, "ndjson", count);
      await writeUpload(csv, "csv", count);
      if (count < rows) {
        await upload(stack.gatewayUrl, ndjson, "ndjson"); // warm code
        await upload(stack.gatewayUrl, csv, "csv");
      }
    }
    const take: Record<Taker, () => Promise<UploadResult>> = {
      list: async () => ({ perSecond: perSecond(rows, await bareWrite(stack.redisUrl, ndjson)) }),
      addBulk: async () => ({ perSecond: perSecond(rows, await addBulk(stack.redisUrl, rows)) }),
      "addBulk, everysec": async () => ({
        perSecond: perSecond(rows, await addBulk(lossy.url, rows)),
      }),
      "patchlane, NDJSON": () => uploadOnce(stack, redis, { path: ndjson, format: "ndjson", rows }),
      "patchlane, CSV": () => uploadOnce(stack, redis, { path: csv, format: "csv", rows }),
    };
    const results = new Map<Taker, UploadResult[]>();
    for (let round = 0; round < rounds; round++) {
      for (const [taker, run] of Object.entries(take) as [Taker, () => Promise<UploadResult>][]) {
        await emptyRedis(redis);
        results.set(taker, [...(results.get(taker) ?? []), await run()]);
      }
    }
    return results;
  } finally {
    redis.disconnect();
    await stack.stop();
    await lossy.stop();
    await rm(folder, { recursive: true });
  }
}

async function uploadOnce(
  { gatewayUrl, gateway: { pid } }: LocalStack,
  redis: Redis,
  { path, format, rows }: { path: string; format: Format; rows: number },
): Promise<UploadResult> {
  await forgetPeak(pid);
  const { nowMb } = await memoryOf(pid);
  const bytes = await usedMemory(redis);
  const { ms } = await upload(gatewayUrl, path, format);
  return {
    perSecond: perSecond(rows, ms),
    memoryMb: (await memoryOf(pid)).peakMb - nowMb,
    waitingBytes: ((await usedMemory(redis)) - bytes) / rows,
  };
}

/** ms for as many jobs, added a thousand at a time. */
async function addBulk(redisUrl: string, rows: number): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue("bulk", { connection });
  try {
    await queue.waitUntilReady();
    const startedAt = performance.now();
    for (let at = 0; at < rows; at += A_BATCH) {
      const batch = Array.from({ length: Math.min(A_BATCH, rows - at) }, (_, index) => at + index);
      await queue.addBulk(
        batch.map((n) => ({
          name: "update",
          data: { referralId: referralIdOf(n), patch: patchOf(n) },
        })),
      );
    }
    const ms = performance.now() - startedAt;
    await emptyRedis(connection);
    return ms;
  } finally {
    await queue.close();
    connection.disconnect();
  }
}

function perSecond(count: number, ms: number): number {
  return (count / ms) * 1_000;
}
