import { type BulkView, COUNT_NAMES, type RowView } from "./bulk-gateway.ts";
import type { PlannedRow } from "./plan-rows.ts";

/** Final states, or states none of whose rows may change. */
const OVER = new Set(["COMPLETED", "COMPLETED_WITH_ERRORS"]);

/** Whether nothing of a bulk update will change any more. */
export function isOver({ state, counts }: BulkView): boolean {
  return OVER.has(state) || (state === "CANCELLED" && counts.queued + counts.sending === 0);
}

/** What is wrong with a bulk update at one moment, seen from outside; it had so many rows when it was handed in. */
export function checkMoment({ id, state, counts }: BulkView, rows: number): string[] {
  const sum = COUNT_NAMES.reduce((total, name) => total + counts[name], 0);
  const told = JSON.stringify(counts);
  const problems: string[] = [];
  if (sum !== counts.total || COUNT_NAMES.some((name) => counts[name] < 0)) {
    problems.push(`${id}: the counts do not add up: ${told}`);
  }
  if (counts.total !== rows) {
    problems.push(`${id} has ${counts.total} rows of ${rows}`);
  }
  if (OVER.has(state) && counts.queued + counts.sending > 0) {
    problems.push(`${id} is ${state} with rows that are not final: ${told}`);
  }
  if (OVER.has(state) && (state === "COMPLETED") !== (counts.failed === 0)) {
    problems.push(`${id} is ${state}: ${told}`);
  }
  return problems;
}

/** What is wrong with a bulk update that is over: its rows against its counts, and against what was handed in. */
export function checkEnd(
  view: BulkView,
  rows: readonly RowView[],
  planned: readonly PlannedRow[],
): string[] {
  const { id, counts } = view;
  const problems = checkMoment(view, planned.length);
  if (
    rows.some(({ rowNumber }, index) => rowNumber !== index + 1) ||
    rows.length !== counts.total
  ) {
    problems.push(`${id}: ${rows.length} rows are told of ${counts.total}, or in another order`);
  }
  for (const name of COUNT_NAMES) {
    const found = rows.filter(({ state }) => state === name.toUpperCase()).length;
    if (found !== counts[name]) {
      problems.push(`${id}: ${found} rows are ${name}, ${counts[name]} are counted`);
    }
  }
  return [...problems, ...rows.flatMap((row, index) => checkRow(row, planned[index]))];
}

/** What the upstream has of them is checked with their lanes; only those that find their referral later have none here. */
function checkRow(row: RowView, planned: PlannedRow | undefined): string[] {
  const hasLane = planned?.referralId !== undefined;
  if (row.state === "CANCELLED" || (hasLane && planned.failsWith === undefined)) {
    return [];
  }
  const told = `${row.state} ${row.error?.code ?? ""}`.trim();
  const wanted = planned?.failsWith === undefined ? "APPLIED" : `FAILED ${planned.failsWith}`;
  const why = row.error === null ? "" : ` (${row.error.message})`;
  return told === wanted ? [] : [`row ${row.rowNumber} is ${told}, not ${wanted}${why}`];
}
