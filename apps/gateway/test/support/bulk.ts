import {
  type LaneQueue,
  type NewBulkRow,
  type NewBulkUpdate,
  openLaneQueue,
  type UpdateFailure,
  type UpdateQueue,
  type UpdateState,
} from "@patchlane/update-queue";
import { onTestFinished } from "vitest";
import { RATE } from "./stack.ts";

/** A row that sets the notes. */
export function notesRow(referralId: string, notes: string): NewBulkRow {
  return { kind: "update", referralId, intent: { changes: { details: { notes } } } };
}

/** Takes rows in as one bulk update; answers its id. */
export async function submitRows(
  queue: UpdateQueue,
  rows: readonly NewBulkRow[],
  more: Partial<NewBulkUpdate> & { readonly columns?: readonly string[] } = {},
): Promise<string> {
  const { columns = ["referralId", "details.notes"], ...about } = more;
  const begun = await queue.bulk.begin({
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tester",
    ...about,
  });
  if (begun.kind !== "open") {
    throw new Error(`expected an open intake, it is ${begun.kind}`);
  }
  for (let start = 0; start < rows.length; start += 1_000) {
    await begun.intake.add(rows.slice(start, start + 1_000));
  }
  await begun.intake.commit({ inputDigest: "digest", columns });
  return begun.intake.bulkUpdateId;
}

/** The queue as a worker sees it, closed after the test; nothing is drained but what the test drains. */
export function openLanes(redisUrl: string): LaneQueue {
  const lanes = openLaneQueue({ redisUrl, rate: RATE, onError: () => {} });
  onTestFinished(() => lanes.close());
  return lanes;
}

/** Takes everything in a referral's lane to an end, through SENDING. */
export async function endLane(
  { lanes }: LaneQueue,
  referralId: string,
  state: UpdateState = "APPLIED",
  error?: UpdateFailure,
): Promise<void> {
  const claimed = await lanes.claim(referralId);
  if (claimed.kind !== "claimed") {
    throw new Error(`expected to claim the lane, it is ${claimed.kind}`);
  }
  const { lease } = claimed;
  const view = await lease.look();
  if (view.kind === "empty") {
    throw new Error("the lane is empty");
  }
  const ids = view.pending.map(({ id }) => id);
  const sent = [{ op: "replace", path: "/details/notes", value: "sent" }] as const;
  await lease.begin({
    updateIds: ids,
    patch: sent,
    requestId: "00000000-0000-4000-8000-000000000001",
    clientRequestId: "00000000-0000-4000-8000-000000000002",
  });
  await lease.settle(
    ids.map((id) => ({ id, state, sent, ...(error === undefined ? {} : { error }) })),
    true,
  );
  await lease.look();
}
