import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalStack } from "@patchlane/local-stack";
import { Pool } from "undici";
import { upload, writeUpload } from "../uploads.ts";
import { type BacklogContender, changesOf } from "./contender.ts";

const UPDATE_REFERRAL = `mutation UpdateReferral($input: UpdateReferralInput!) {
  updateReferral(input: $input) { ... on UpdateReferralPayload { update { id state } } }
}`;
const CANCEL = `mutation Cancel($id: ID!) {
  cancelBulkUpdate(id: $id) { __typename }
}`;
const COUNTS = "query Counts($id: ID!) { bulkUpdate(id: $id) { finishedAt counts { applied } } }";

/** ms between looks at a bulk update. */
const LOOK_EVERY_MS = 50;
/** Longest wait for a change to be applied (ms). */
const WAIT_MS = 20_000;

/** Patchlane through its GraphQL API. */
export function openPatchlane(stack: LocalStack): BacklogContender & { close(): Promise<void> } {
  const { origin } = new URL(stack.gatewayUrl);
  const pool = new Pool(origin, { connections: 64 });
  const ask = async (query: string, variables: unknown): Promise<string> => {
    const { body } = await pool.request({
      method: "POST",
      path: "/graphql",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return body.text();
  };
  let bulkUpdateId = "";
  return {
    change: async (referralId, n, isWaited) => {
      const waitMs = isWaited ? WAIT_MS : 0;
      const answer = await ask(UPDATE_REFERRAL, {
        input: { referralId, changes: changesOf(n), waitMs },
      });
      if (!answer.includes(isWaited ? '"state":"APPLIED"' : '"state":"')) {
        throw new Error(`the gateway answered ${answer}`);
      }
    },
    fill: async (rows) => {
      bulkUpdateId = await uploadRows(stack.gatewayUrl, rows);
      for (;;) {
        const text = await ask(COUNTS, { id: bulkUpdateId });
        if (Number(/"applied":(\d+)/.exec(text)?.[1]) > 0) {
          return;
        }
        await sleep(LOOK_EVERY_MS);
      }
    },
    empty: async () => {
      await ask(CANCEL, { id: bulkUpdateId });
      while (/"finishedAt":null/.test(await ask(COUNTS, { id: bulkUpdateId }))) {
        await sleep(LOOK_EVERY_MS);
      }
    },
    close: () => pool.close(),
  };
}

async function uploadRows(gatewayUrl: string, rows: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  try {
    const path = join(folder, "rows.ndjson");
    await writeUpload(path, "ndjson", rows);
    return (await upload(gatewayUrl, path, "ndjson", { skipUnchanged: "false" })).id;
  } finally {
    await rm(folder, { recursive: true });
  }
}
