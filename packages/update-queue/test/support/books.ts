import type { Redis } from "ioredis";
import { expect } from "vitest";
import { decodeAccountCounts, type ExactCounterName } from "../../src/account-counts.ts";
import type { AccountKeys } from "../../src/account-keys.ts";
import { rowOf } from "../../src/bulk-row-id.ts";

/** What is counted for /metrics of one kind, summed up; `where` picks series by their labels. */
export async function counted(
  admin: Redis,
  keys: AccountKeys,
  name: ExactCounterName,
  where: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { counters } = decodeAccountCounts(await admin.hgetall(keys.metrics));
  return counters[name]
    .filter(({ labels }) => Object.entries(where).every(([key, value]) => labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** Fails unless every update that was counted as accepted is final and counted so, was withdrawn, or is pending. */
export async function expectBooksToBalance(admin: Redis, keys: AccountKeys): Promise<void> {
  const [accepted, retried, finished, withdrawn, pending] = await Promise.all([
    counted(admin, keys, "accepted"),
    counted(admin, keys, "retried"),
    counted(admin, keys, "finished"),
    counted(admin, keys, "withdrawn"),
    pendingUpdates(admin, keys),
  ]);
  expect({ finished: finished + withdrawn + pending }, "what was accepted").toEqual({
    finished: accepted + retried,
  });
}

/** Updates on record that are not final: no rows of dry runs, and none of intakes that were not committed. */
async function pendingUpdates(admin: Redis, keys: AccountKeys): Promise<number> {
  const found = await admin.keys(`${keys.update("upd_").replace(/[[\]?*]/g, "\\$&")}*`);
  const isPending = await Promise.all(
    found.map(async (key) => {
      const state = await admin.hget(key, "state");
      const bulkUpdateId = rowOf(key.slice(keys.root.length))?.bulkUpdateId;
      const [committedAt, dryRun] =
        bulkUpdateId === undefined
          ? ["always", ""]
          : await admin.hmget(keys.bulk(bulkUpdateId), "committedAt", "dryRun");
      return (state === "QUEUED" || state === "SENDING") && committedAt && dryRun !== "1";
    }),
  );
  return isPending.filter(Boolean).length;
}
