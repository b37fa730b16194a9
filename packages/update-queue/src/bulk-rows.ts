import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { runScript } from "./redis-scripts.ts";

interface Edges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly retentionMs: number;
}

/** Takes back QUEUED rows of a cancelled bulk update behind row `after`; answers where to go on, 0 at the end. */
export async function cancelRows(
  { redis, keys, retentionMs }: Edges,
  id: string,
  most: number,
  after: number,
): Promise<number> {
  return Number(
    await runScript(
      redis,
      "cancelRows",
      [keys.bulk(id), keys.bulkRows(id), keys.counts, keys.audit],
      [keys.root, id, most, retentionMs, after],
    ),
  );
}

/** Queues FAILED rows of one that is being retried again; answers whether any may be left. */
export async function retryRows(
  { redis, keys, retentionMs }: Edges,
  id: string,
  most: number,
): Promise<boolean> {
  const left = await runScript(
    redis,
    "retryRows",
    [keys.bulk(id), keys.bulkRows(id), keys.counts],
    [keys.root, id, most, retentionMs],
  );
  return Number(left) > 0;
}
