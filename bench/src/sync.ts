import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { upload } from "./uploads.ts";

export interface SyncResult {
  readonly run: string;
  readonly rows: number;
  readonly changed: number;
  readonly listCalls: number;
  readonly reads: number;
  readonly writes: number;
  /** Calls over changed rows, list calls apart. */
  readonly callsPerRow: number;
  readonly seconds: number;
  /** As the bulk update counts them. */
  readonly counted: number;
}

/** ms between looks at a bulk update. */
const LOOK_EVERY_MS = 200;

/** Bulk updates of every referral there is, of which only some change anything; upstream calls as the upstream counts them. */
export async function measureSync(rows: number, ratePerSecond: number): Promise<SyncResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  const stack = await startLocalStack({
    referrals: rows,
    ratePerSecond,
    simulatorArguments: ["--limiter", "none"],
  });
  try {
    const results: SyncResult[] = [];
    const runs = [
      { run: "first, nothing known", share: 0.03 },
      { run: "second, right after", share: 0.03 },
      { run: "every row changed", share: 1 },
    ];
    for (const [index, { run, share }] of runs.entries()) {
      results.push(await syncOnce(stack, join(folder, `${index}.ndjson`), run, share));
    }
    return results;
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}

async function syncOnce(
  stack: LocalStack,
  path: string,
  run: string,
  share: number,
): Promise<SyncResult> {
  const names = await readNames(stack);
  const every = Math.round(1 / share);
  const lines = [...names].map(([referralId, name], row) =>
    JSON.stringify({ referralId, changes: { name: row % every === 0 ? `${name}+` : name } }),
  );
  await writeFile(path, `${lines.join("\n")}\n`);
  await fetch(`${stack.controlUrl}/requests`, { method: "DELETE" });
  const startedAt = performance.now();
  const { id } = await upload(stack.gatewayUrl, path, "ndjson");
  const bulkUpdate = await untilOver(stack.gatewayUrl, id);
  const seconds = (performance.now() - startedAt) / 1_000;
  const calls = await callsMade(stack);
  const changed = Math.ceil(lines.length / every);
  if (bulkUpdate.counts.applied !== changed || bulkUpdate.state !== "COMPLETED") {
    throw new Error(`${run}: ${changed} rows should have changed: ${JSON.stringify(bulkUpdate)}`);
  }
  return {
    run,
    rows: lines.length,
    changed,
    ...calls,
    callsPerRow: (calls.reads + calls.writes) / changed,
    seconds,
    counted: bulkUpdate.upstreamCalls,
  };
}

interface BulkUpdate {
  readonly state: string;
  readonly finishedAt: string | null;
  readonly counts: { readonly applied: number };
  readonly upstreamCalls: number;
}

async function untilOver(gatewayUrl: string, id: string): Promise<BulkUpdate> {
  const query =
    "query($id: ID!) { bulkUpdate(id: $id) { state finishedAt upstreamCalls counts { applied unchanged failed queued } } }";
  for (;;) {
    const response = await fetch(new URL("/graphql", gatewayUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { id } }),
    });
    const { data } = (await response.json()) as { data: { bulkUpdate: BulkUpdate } };
    if (data.bulkUpdate.finishedAt !== null) {
      return data.bulkUpdate;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Name of every referral, read past the limits and before the log is emptied. */
async function readNames(stack: LocalStack): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  let url: string | undefined = `${stack.upstreamUrl}/engagements/referrals`;
  while (url !== undefined) {
    const headers = {
      authorization: "Bearer simulator-token",
      "client-request-id": crypto.randomUUID(),
    };
    const page = (await (await fetch(url, { headers })).json()) as {
      value: { id: string; name: string }[];
      "@odata.nextLink"?: string;
    };
    for (const { id, name } of page.value) {
      names.set(id, name);
    }
    url = page["@odata.nextLink"];
  }
  return names;
}

async function callsMade(stack: LocalStack) {
  const response = await fetch(`${stack.controlUrl}/requests`);
  const { requests } = (await response.json()) as {
    requests: { method: string; referralId: string | null }[];
  };
  return {
    listCalls: requests.filter(({ method, referralId }) => method === "GET" && !referralId).length,
    reads: requests.filter(({ method, referralId }) => method === "GET" && referralId).length,
    writes: requests.filter(({ method }) => method === "PATCH").length,
  };
}
