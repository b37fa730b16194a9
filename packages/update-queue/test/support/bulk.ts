import { expect } from "vitest";
import type {
  BulkIntake,
  BulkUpdateCounts,
  LaneQueue,
  NewBulkRow,
  NewBulkUpdate,
  UpdateQueue,
} from "../../src/index.ts";

/** A GUID for each number. */
export function referral(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export function row(number: number, notes = `notes ${number}`): NewBulkRow {
  return {
    kind: "update",
    referralId: referral(number),
    intent: { changes: { details: { notes } } },
  };
}

export function badRow(message = "row 1 is no good"): NewBulkRow {
  return { kind: "bad", error: { code: "INVALID_CHANGE", message }, input: { line: "{" } };
}

export async function open(
  queue: UpdateQueue,
  more: Partial<NewBulkUpdate> = {},
): Promise<BulkIntake> {
  const begun = await queue.bulk.begin({
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tests",
    ...more,
  });
  if (begun.kind !== "open") {
    throw new Error(`expected an open intake, it is ${begun.kind}`);
  }
  return begun.intake;
}

/** Has version `etag` known of a referral, as last changed in year `year`. */
export function remember(
  worker: LaneQueue,
  number: number,
  etag: string,
  year = 2026,
): Promise<void> {
  const referralAsRead = {
    id: referral(number),
    status: "New",
    substatus: "Pending",
    eTag: etag,
    updatedDateTime: `${year}-01-01T00:00:00.000Z`,
  } as const;
  return worker.known.put(referral(number), {
    referral: referralAsRead,
    etag,
    seenAt: Date.now(),
  });
}

/** Takes in rows as one bulk update; answers its id. */
export async function submit(
  queue: UpdateQueue,
  rows: readonly NewBulkRow[],
  more: Partial<NewBulkUpdate> = {},
): Promise<string> {
  const intake = await open(queue, more);
  await intake.add(rows);
  await intake.commit({ inputDigest: "digest", columns: ["referralId", "details.notes"] });
  return intake.bulkUpdateId;
}

/** State and counts that are not zero; fails unless they add up, and agree with the rows themselves. */
export async function look(
  queue: UpdateQueue,
  id: string,
): Promise<Partial<BulkUpdateCounts> & { state: string | undefined }> {
  const bulkUpdate = await queue.bulk.get(id);
  const { total = 0, ...byState } = bulkUpdate?.counts ?? {};
  expect(Object.values(byState).reduce((sum, count) => sum + count, 0)).toBe(total);
  const { rows } = await queue.bulk.rows(id, { first: 1_000 });
  for (const [name, count] of Object.entries(byState)) {
    const inState = rows.filter(({ state }) => state.toLowerCase() === name);
    expect(inState.length, `rows ${name}`).toBe(count);
  }
  const shown = Object.entries(byState).filter(([, count]) => count !== 0);
  return { state: bulkUpdate?.state, ...Object.fromEntries(shown) };
}

/** Applies everything that is in the lanes of referrals 1 to `most`, as a worker would. */
export async function drain(worker: LaneQueue, most: number): Promise<void> {
  for (let number = 1; number <= most; number++) {
    const claimed = await worker.lanes.claim(referral(number));
    if (claimed.kind !== "claimed") {
      continue;
    }
    for (;;) {
      const view = await claimed.lease.look();
      if (view.kind === "empty") {
        break;
      }
      await claimed.lease.settle(
        view.pending.map(({ id }) => ({ id, state: "APPLIED" })),
        false,
      );
    }
  }
}
