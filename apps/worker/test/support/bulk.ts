import type { ReferralChanges } from "@patchlane/referral-patch";
import type {
  BulkUpdate,
  NewBulkRow,
  NewBulkUpdate,
  ReferralUpdate,
  UpdateIntent,
} from "@patchlane/update-queue";
import { expect } from "vitest";
import type { Rig } from "./rig.ts";

/** For a bulk update of a few hundred rows on a loaded machine. */
export const IN_THE_END = { timeout: 60_000, interval: 20 };

/** A row that sets fields of a referral. */
export function row(referralId: string, changes: ReferralChanges, ifMatch?: string): NewBulkRow {
  return {
    kind: "update",
    referralId,
    intent: { changes },
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
}

/** A row that names its referral by the CRM's own id. */
export function externalRow(externalReferenceId: string, changes: ReferralChanges): NewBulkRow {
  return { kind: "update", externalReferenceId, intent: { changes } };
}

export function rawRow(referralId: string, patch: UpdateIntent["patch"] & object): NewBulkRow {
  return { kind: "update", referralId, intent: { patch } };
}

/** Takes a bulk update in and commits it; answers its id. */
export async function submitBulk(
  { queue }: Pick<Rig, "queue">,
  rows: readonly NewBulkRow[],
  more: Partial<NewBulkUpdate> = {},
): Promise<string> {
  const begun = await queue.bulk.begin({
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tests",
    ...more,
  });
  if (begun.kind !== "open") {
    throw new Error("used before");
  }
  for (let at = 0; at < rows.length; at += 500) {
    await begun.intake.add(rows.slice(at, at + 500));
  }
  await begun.intake.commit({ inputDigest: "d", columns: [] });
  return begun.intake.bulkUpdateId;
}

export async function bulkOf({ queue }: Pick<Rig, "queue">, id: string): Promise<BulkUpdate> {
  const bulk = await queue.bulk.get(id);
  if (bulk === undefined) {
    throw new Error(`no bulk update ${id}`);
  }
  return bulk;
}

/** Waits until it is over; answers it then. */
export async function untilOver(rig: Pick<Rig, "queue">, id: string): Promise<BulkUpdate> {
  await expect
    .poll(async () => {
      const { state, counts } = await bulkOf(rig, id);
      return counts.queued + counts.sending === 0 ? state : counts;
    }, IN_THE_END)
    .toMatch(/^(COMPLETED|CANCELLED)/);
  const bulk = await bulkOf(rig, id);
  const { total, ...states } = bulk.counts;
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
  return bulk;
}

/** All its rows, in order. */
export async function rowsOf(
  { queue }: Pick<Rig, "queue">,
  id: string,
): Promise<readonly ReferralUpdate[]> {
  const { counts } = await bulkOf({ queue }, id);
  const rows: ReferralUpdate[] = [];
  while (rows.length < counts.total) {
    const page = await queue.bulk.rows(id, { first: 500, afterRow: rows.length });
    rows.push(...page.rows);
  }
  return rows;
}

/** Upstream calls so far, by kind. */
export function callsOf(rig: Pick<Rig, "requests">) {
  const calls = { list: 0, get: 0, patch: 0 };
  for (const { method, path } of rig.requests()) {
    const kind =
      method === "PATCH" ? "patch" : /\/referrals(\?|$)/.test(path) ? "list" : ("get" as const);
    calls[kind] += 1;
  }
  return calls;
}

/** All referrals there are upstream, in the order of their creation; asking leaves no trace in the log. */
export async function referralsOf({ simulator }: Pick<Rig, "simulator">) {
  const found: { id: string; externalReferenceId: string; details: { notes: string } }[] = [];
  const headers = {
    authorization: "Bearer simulator-token",
    "client-request-id": "00000000-0000-4000-8000-000000000000",
  };
  let link: string | undefined = `${simulator.url}/engagements/referrals`;
  while (link !== undefined) {
    const answer = await fetch(link, { headers });
    const page = (await answer.json()) as { value: typeof found; "@odata.nextLink"?: string };
    found.push(...page.value);
    link = page["@odata.nextLink"];
  }
  simulator.control.clearRequests();
  return found;
}
