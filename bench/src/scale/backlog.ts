import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startLocalRedis } from "@patchlane/local-redis";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { request } from "undici";
import { upload } from "../uploads.ts";
import { startUpstream, type Upstream } from "../upstream/start-upstream.ts";

/** ms between looks whether everything is final. */
const LOOK_EVERY_MS = 50;

/** Accounts on one Redis, each with a gateway and workers of its own, over an upstream that sets no limit: pacing is Patchlane's. */
export interface Deployment {
  readonly redisUrl: string;
  readonly redisPid: number;
  readonly upstream: Upstream;
  readonly accounts: readonly LocalStack[];
  stop(): Promise<void>;
}

export async function deploy(options: {
  readonly accounts: number;
  readonly ratePerSecond: number;
  readonly workersPerAccount: number;
}): Promise<Deployment> {
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) {
      await part.stop();
    }
  };
  try {
    const redis = await startLocalRedis();
    started.push(redis);
    const upstream = await startUpstream();
    started.push(upstream);
    const accounts = await Promise.all(
      Array.from({ length: options.accounts }, async (_, index) => {
        const stack = await startLocalStack({
          redisUrl: redis.url,
          referrals: 1, // its simulator is not used
          ratePerSecond: options.ratePerSecond,
          workers: options.workersPerAccount,
          settings: { ACCOUNT_ID: `account-${index}`, PARTNER_CENTER_URL: upstream.url },
        });
        started.push(stack);
        return stack;
      }),
    );
    return { redisUrl: redis.url, redisPid: redis.pid, upstream, accounts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Accepted {
  readonly id: string;
  /** ms from the first byte until it is accepted. */
  readonly ms: number;
}

/** An upload of so many rows, on referrals from the given number on, none of which needs a state: one call each. */
export async function submit(gatewayUrl: string, rows: number, first = 1): Promise<Accepted> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  try {
    const path = join(folder, "rows.ndjson");
    const lines = Array.from({ length: rows }, (_, row) => lineOf(first + row));
    await writeFile(path, lines.join(""));
    return await upload(gatewayUrl, path, "ndjson", { skipUnchanged: "false" });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function lineOf(referral: number): string {
  const referralId = `00000000-0000-4000-8000-${String(referral).padStart(12, "0")}`;
  const notes = `Budget confirmed by phone, row ${referral}`;
  return `${JSON.stringify({ referralId, changes: { details: { dealValue: `${referral}.50`, notes } } })}\n`;
}

/** Until so many of its rows are applied, or all of them. */
export async function untilApplied(gatewayUrl: string, id: string, rows: number): Promise<void> {
  const query = "query($id: ID!) { bulkUpdate(id: $id) { finishedAt counts { applied failed } } }";
  for (;;) {
    const { body } = await request(new URL("/graphql", gatewayUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { id } }),
    });
    const { data } = (await body.json()) as {
      data: { bulkUpdate: { finishedAt: string | null; counts: Record<string, number> } };
    };
    const { finishedAt, counts } = data.bulkUpdate;
    if ((counts.applied ?? 0) >= rows) {
      return;
    }
    if (finishedAt !== null || (counts.failed ?? 0) > 0) {
      throw new Error(`${rows} rows should have been applied: ${JSON.stringify(counts)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
