import { setTimeout as sleep } from "node:timers/promises";
import type { AskGateway } from "./graphql-client.ts";
import type { ReferralRow } from "./upstream-log.ts";

/** One row in so many changes something, as in a nightly export of a CRM. */
const ONE_IN = 33;
/** ms between looks at the bulk update. */
const LOOK_EVERY_MS = 250;

/** A bulk update as the gateway tells it. */
export interface BulkSync {
  readonly state: string;
  readonly counts: Readonly<
    Record<
      "total" | "queued" | "sending" | "applied" | "unchanged" | "failed" | "cancelled",
      number
    >
  >;
  readonly upstreamCalls: number;
  readonly finishedAt: string | null;
}

/** A CRM's export of all referrals as CSV; some rows have another name than the referral. */
export function exportOf(referrals: readonly ReferralRow[]): { csv: string; changed: number } {
  const isChanged = (row: number): boolean => row % ONE_IN === 0;
  const cells = referrals.map(({ id, name }, row) =>
    [id, `${name ?? ""}${isChanged(row) ? " (renewed)" : ""}`].map(quoted).join(","),
  );
  return {
    csv: `referralId,name\n${cells.join("\n")}\n`,
    changed: referrals.filter((_, row) => isChanged(row)).length,
  };
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** Sends the export as one upload and waits until every row has its fate. */
export async function syncAll(
  ask: AskGateway,
  gatewayUrl: string,
  csv: string,
  timeoutMs: number,
  onProgress: (bulkUpdate: BulkSync) => void,
): Promise<BulkSync> {
  const response = await fetch(new URL("/bulk-updates?label=nightly", gatewayUrl), {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: csv,
  });
  const { id } = (await response.json()) as { id: string };
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { data } = await ask(BULK_UPDATE, { id });
    const bulkUpdate = data?.bulkUpdate as BulkSync;
    onProgress(bulkUpdate);
    if (bulkUpdate.finishedAt !== null || performance.now() > deadline) {
      return bulkUpdate;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const BULK_UPDATE = `
  query BulkUpdate($id: ID!) {
    bulkUpdate(id: $id) {
      state upstreamCalls finishedAt
      counts { total queued sending applied unchanged failed cancelled }
    }
  }`;
