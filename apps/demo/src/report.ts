import Table from "cli-table3";
import pc from "picocolors";
import type { BulkSync } from "./bulk-sync.ts";
import type { Comparison } from "./compare.ts";
import type { SampleOutcome } from "./samples.ts";
import type { UpstreamRequest } from "./upstream-log.ts";

const NO_COLORS = { head: [], border: [] };

export function samplesTable(outcomes: readonly SampleOutcome[]): string {
  const table = new Table({
    head: ["", "What", "Outcome"],
    style: NO_COLORS,
    colWidths: [4, 40, 78],
    wordWrap: true,
  });
  for (const { what, outcome, isAsExpected } of outcomes) {
    table.push([mark(isAsExpected), what, outcome]);
  }
  return table.toString();
}

/** One line of the comparison: what the caller was told, what the upstream saw, whether that is right. */
interface Finding {
  readonly what: string;
  readonly caller: string;
  readonly upstream: string;
  readonly isRight: boolean;
}

/** Share of refused calls up to which pacing counts as right: a busy machine can delay single calls. */
const TOLERATED_REFUSALS = 0.01;

export function findings(c: Comparison, limitPerSecond: number): Finding[] {
  const calls = c.writes + c.reads;
  return [
    {
      what: "Updates",
      caller: `${c.accepted} accepted, ${c.applied} applied`,
      upstream: `${c.writes} writes (pending updates of one referral leave as one), ${c.reads} reads`,
      isRight: c.accepted === c.applied,
    },
    {
      what: "Lost / written twice",
      caller: "–",
      upstream: `${c.lost} / ${c.doubled}`,
      isRight: c.lost === 0 && c.doubled === 0,
    },
    {
      what: "Order of each referral's updates",
      caller: "as accepted",
      upstream: c.outOfOrder === 0 ? "the same" : `${c.outOfOrder} referrals differ`,
      isRight: c.outOfOrder === 0,
    },
    {
      what: "Writes of one referral at once",
      caller: "–",
      upstream: `at most ${c.mostAtOnce}`,
      isRight: c.mostAtOnce <= 1,
    },
    {
      what: `Rate (limit ${limitPerSecond}/s)`,
      caller: `${((100 * c.callsPerSecond) / limitPerSecond).toFixed(0)} % used`,
      upstream: `${c.callsPerSecond.toFixed(1)} calls/s, ${c.refusals} x 429`,
      isRight: c.refusals <= calls * TOLERATED_REFUSALS,
    },
  ];
}

export function syncFindings(
  { state, counts, upstreamCalls }: BulkSync,
  changed: number,
  log: readonly UpstreamRequest[],
): Finding[] {
  const writes = log.filter(({ method }) => method === "PATCH").length;
  const lists = log.filter(({ method, referralId }) => method === "GET" && referralId === null);
  const reads = log.length - writes - lists.length;
  const adds = counts.applied + counts.unchanged + counts.failed + counts.cancelled;
  return [
    {
      what: "Rows",
      caller: `${counts.total}: ${counts.applied} applied, ${counts.unchanged} unchanged, ${counts.failed} failed`,
      upstream: `${writes} writes, none for a row that changes nothing`,
      isRight:
        state === "COMPLETED" &&
        adds === counts.total &&
        counts.applied === changed &&
        writes === changed,
    },
    {
      what: "Calls",
      caller: `${upstreamCalls} (reading and writing every row: ${2 * counts.total})`,
      upstream: `${lists.length} list pages, ${reads} reads, ${writes} writes`,
      isRight: log.length <= counts.total / 4 && upstreamCalls === log.length,
    },
  ];
}

export function comparisonTable(rows: readonly Finding[]): string {
  const table = new Table({
    head: ["", "", "Callers were told", "The upstream's request log"],
    style: NO_COLORS,
  });
  for (const { what, caller, upstream, isRight } of rows) {
    table.push([mark(isRight), what, caller, upstream]);
  }
  return table.toString();
}

export function mark(isRight: boolean): string {
  return isRight ? pc.green("ok") : pc.red("!!");
}
