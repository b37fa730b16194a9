import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { upload } from "../uploads.ts";
import type { Row } from "./rows.ts";

/** ms between looks whether everything is final. */
const LOOK_EVERY_MS = 50;
/** Mutations in flight. */
const IN_FLIGHT = 32;

const UPDATE_REFERRAL = `mutation($input: UpdateReferralInput!) {
  updateReferral(input: $input) {
    __typename
    ... on UpdateReferralPayload { update { state } }
    ... on UserError { message }
  }
}`;

/** Counts of a bulk update that is over. */
export interface BulkEnd {
  readonly applied: number;
  readonly unchanged: number;
  /** As Patchlane counts its calls. */
  readonly upstreamCalls: number;
}

/** The rows as one NDJSON upload, until its last row is final. */
export async function bulkUpdate(gatewayUrl: string, rows: readonly Row[]): Promise<BulkEnd> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  try {
    const path = join(folder, "rows.ndjson");
    const lines = rows.map(({ referralId, name }) =>
      JSON.stringify({ referralId, changes: { name } }),
    );
    await writeFile(path, `${lines.join("\n")}\n`);
    const { id } = await upload(gatewayUrl, path, "ndjson");
    return await bulkEnd(gatewayUrl, id);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function bulkEnd(gatewayUrl: string, id: string): Promise<BulkEnd> {
  const query =
    "query($id: ID!) { bulkUpdate(id: $id) { state finishedAt upstreamCalls counts { applied unchanged } } }";
  for (;;) {
    const { bulkUpdate } = (await graphql(gatewayUrl, query, { id })) as {
      bulkUpdate: {
        state: string;
        finishedAt: string | null;
        upstreamCalls: number;
        counts: { applied: number; unchanged: number };
      };
    };
    if (bulkUpdate.finishedAt !== null) {
      if (bulkUpdate.state !== "COMPLETED") {
        throw new Error(`the bulk update ended ${JSON.stringify(bulkUpdate)}`);
      }
      return { ...bulkUpdate.counts, upstreamCalls: bulkUpdate.upstreamCalls };
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * Every row is an `updateReferral` that is not waited for, in the order of the rows; until all are final. Of one referral the next
 * is handed in when the one before is accepted: mutations in flight together are accepted in any order.
 */
export async function mutationsAtOnce(gatewayUrl: string, rows: readonly Row[]): Promise<void> {
  const accepted = new Map<string, Promise<void>>();
  let next = 0;
  const send = async (): Promise<void> => {
    for (let row = rows[next++]; row !== undefined; row = rows[next++]) {
      const accepting = acceptedAfter(accepted.get(row.referralId), gatewayUrl, row);
      accepted.set(row.referralId, accepting);
      await accepting;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  const query = "{ queue { waiting active delayed } }";
  for (;;) {
    const { queue } = (await graphql(gatewayUrl, query)) as {
      queue: { waiting: number; active: number; delayed: number };
    };
    if (queue.waiting + queue.active + queue.delayed === 0) {
      return;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function acceptedAfter(before: Promise<void> | undefined, gatewayUrl: string, row: Row) {
  await before;
  await mutate(gatewayUrl, row, 0);
}

/** The next update of a referral is only made when the one before is final. */
export async function mutationsInTurn(gatewayUrl: string, rows: readonly Row[]): Promise<void> {
  const queues = [...Map.groupBy(rows, ({ referralId }) => referralId).values()];
  await Promise.all(
    queues.map(async (queue) => {
      for (const row of queue) {
        await mutate(gatewayUrl, row, 30_000);
      }
    }),
  );
}

async function mutate(gatewayUrl: string, { referralId, name }: Row, waitMs: number) {
  const { updateReferral } = (await graphql(gatewayUrl, UPDATE_REFERRAL, {
    input: { referralId, changes: { name }, waitMs },
  })) as { updateReferral: { update?: { state: string } } };
  const state = updateReferral.update?.state;
  if (state === undefined || (waitMs > 0 && state !== "APPLIED")) {
    throw new Error(`updateReferral: ${JSON.stringify(updateReferral)}`);
  }
}

async function graphql(gatewayUrl: string, query: string, variables: unknown = {}) {
  const { body } = await request(new URL("/graphql", gatewayUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await body.json()) as { data?: unknown; errors?: unknown };
  if (data === undefined || data === null || errors !== undefined) {
    throw new Error(`the gateway answered ${JSON.stringify(errors)}`);
  }
  return data;
}
