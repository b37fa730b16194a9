import type { KnownState, ReferralUpdate } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { planLane } from "../../src/bulk/plan-lane.ts";

const STATE: KnownState = {
  referral: { id: "r-1", status: "New", substatus: "Pending", details: { notes: "old" } },
  etag: '"1"',
  seenAt: 0,
};

function rowOf(rowNumber: number): ReferralUpdate {
  return {
    id: `upd_${"0".repeat(32)}_${rowNumber}`,
    rowNumber,
    referralId: "r-1",
    state: "QUEUED",
    intent: { changes: { details: { notes: `notes ${rowNumber}` } } },
    skipUnchanged: true,
    submittedBy: "tests",
    submittedAt: 0,
    attempts: 0,
  } as unknown as ReferralUpdate;
}

test("many rows of one referral are planned as its lane sends them: a hundred a write", () => {
  const rows = Array.from({ length: 250 }, (_, index) => rowOf(index + 1));
  const { verdicts, calls } = planLane("r-1", rows, STATE, true);
  expect(verdicts.map(({ rowNumber }) => rowNumber)).toEqual(rows.map((row) => row.rowNumber));
  expect(calls).toBe(3);
});
