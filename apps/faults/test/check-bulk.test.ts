import { expect, test } from "vitest";
import type { BulkView, RowView } from "../src/bulk/bulk-gateway.ts";
import { checkEnd, checkMoment, isOver } from "../src/bulk/check-bulk.ts";
import { linesOf, type PlannedRow, planRows } from "../src/bulk/plan-rows.ts";
import { seededRandom } from "../src/random.ts";

const NONE = {
  total: 0,
  queued: 0,
  sending: 0,
  applied: 0,
  unchanged: 0,
  failed: 0,
  cancelled: 0,
};

function view(state: string, counts: Partial<BulkView["counts"]>): BulkView {
  return { id: "blk_1", state, counts: { ...NONE, ...counts }, upstreamCalls: 1 };
}

function row(rowNumber: number, state: string, code?: string): RowView {
  const error = code === undefined ? null : { code, message: "no" };
  return { id: `upd_${rowNumber}`, rowNumber, state, attempts: 1, mergedWith: [], error };
}

const healthy: PlannedRow = { item: {}, referralId: "r" };
const bad: PlannedRow = { item: "{", failsWith: "INVALID_CHANGE" };

test("counts that add up are fine at every moment", () => {
  expect(checkMoment(view("RUNNING", { total: 3, queued: 1, sending: 1, failed: 1 }), 3)).toEqual(
    [],
  );
  expect(checkMoment(view("COMPLETED", { total: 3, applied: 2, unchanged: 1 }), 3)).toEqual([]);
});

test.each([
  ["do not add up", view("RUNNING", { total: 3, queued: 2 }), 3],
  ["do not add up", view("RUNNING", { total: 3, queued: 4, applied: -1 }), 3],
  ["2 rows of 3", view("RUNNING", { total: 2, queued: 2 }), 3],
  ["not final", view("COMPLETED", { total: 2, queued: 1, applied: 1 }), 2],
  ["is COMPLETED:", view("COMPLETED", { total: 1, failed: 1 }), 1],
  ["is COMPLETED_WITH_ERRORS:", view("COMPLETED_WITH_ERRORS", { total: 1, applied: 1 }), 1],
])("%s", (problem, seen, rows) => {
  expect(checkMoment(seen, rows).join()).toContain(problem);
});

test("a cancelled one is over when none of its rows is on the way", () => {
  expect(isOver(view("CANCELLED", { total: 2, sending: 1, cancelled: 1 }))).toBe(false);
  expect(isOver(view("CANCELLED", { total: 2, applied: 1, cancelled: 1 }))).toBe(true);
  expect(isOver(view("PAUSED", { total: 1, applied: 1 }))).toBe(false);
});

test("rows agree with the counts and with what was handed in", () => {
  const end = view("COMPLETED_WITH_ERRORS", { total: 2, applied: 1, failed: 1 });
  const planned = [healthy, bad];
  const fine = [row(1, "APPLIED"), row(2, "FAILED", "INVALID_CHANGE")];
  expect(checkEnd(end, fine, planned)).toEqual([]);
  expect(checkEnd(end, fine.slice(0, 1), planned).join()).toContain("1 rows are told of 2");
  expect(checkEnd(end, [...fine].reverse(), planned).join()).toContain("in another order");
  expect(checkEnd(end, [row(1, "UNCHANGED"), row(2, "FAILED", "INTERNAL")], planned)).toEqual([
    "blk_1: 0 rows are applied, 1 are counted",
    "blk_1: 1 rows are unchanged, 0 are counted",
    "row 2 is FAILED INTERNAL, not FAILED INVALID_CHANGE (no)",
  ]);
});

test("rows are the same for a seed, in either format", () => {
  const referrals = [{ id: "a", name: 'Bob\'s "big" deal, too', externalReferenceId: "CRM-1" }];
  const plan = (): PlannedRow[] =>
    planRows("0", seededRandom(1), referrals, { rows: 50, externalShare: 0.5, poisonShare: 0.1 });
  expect(plan()).toEqual(plan());
  const ndjson = [...linesOf(plan(), "ndjson")].map((line): unknown => JSON.parse(line));
  expect(ndjson).toEqual(plan().map(({ item }) => item));
  const [header, ...lines] = linesOf(plan(), "csv");
  expect(header).toBe(
    "referralId,externalReferenceId,name,details.notes,statusReason,team.add\r\n",
  );
  expect(lines).toContain('a,,"Bob\'s ""big"" deal, too",,,\r\n');
  expect(lines).toHaveLength(50);
});
