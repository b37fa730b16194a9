import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { Resolution } from "./bulk-work.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { runScript } from "./redis-scripts.ts";

/** Gives the next rows of a bulk update their places in their lanes; answers the number of the last that has one. */
export async function enlistRows(
  edges: { redis: Redis; keys: AccountKeys; codec: PayloadCodec; retentionMs: number },
  id: string,
  most: number,
  resolved: readonly Resolution[] = [],
): Promise<number> {
  const { redis, keys, codec, retentionMs } = edges;
  const enlistedTo = await runScript(
    redis,
    "enlistRows",
    [keys.bulk(id), keys.bulkRows(id), keys.counts, keys.audit],
    [
      keys.root,
      id,
      most,
      retentionMs,
      ...resolved.flatMap((row) =>
        "error" in row
          ? [row.rowNumber, "", codec.seal(JSON.stringify(row.error)), row.error.code]
          : [row.rowNumber, row.referralId, "", ""],
      ),
    ],
  );
  return Number(enlistedTo);
}
