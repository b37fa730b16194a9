import Table from "cli-table3";
import type { ScenarioReport } from "./scenario.ts";

/** One line a scenario, its rounds taken together. */
export function tableOf(reports: readonly ScenarioReport[]): string {
  const rows = [...Map.groupBy(reports, ({ name }) => name).values()].map(summarise);
  const table = new Table({
    head: COLUMNS.map(({ head }) => head),
    colWidths: COLUMNS.map(({ width }) => width ?? null),
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => COLUMNS.map(({ cell }) => cell(row))));
  return table.toString();
}

interface Row {
  readonly name: string;
  readonly rounds: number;
  readonly broken: number;
  readonly done: string;
  readonly seconds: number;
  readonly totals: Readonly<Record<(typeof TOTALS)[number], number>>;
  readonly mostAtOnce: number;
  readonly largestFold: number;
}

const TOTALS = [
  "accepted",
  "applied",
  "failed",
  "lost",
  "doubled",
  "outOfOrder",
  "folded",
  "calls",
  "refusals",
  "untimely",
] as const;

interface Column {
  readonly head: string;
  readonly width?: number;
  cell(row: Row): string | number;
}

const COLUMNS: readonly Column[] = [
  { head: "scenario", width: 30, cell: ({ name }) => name },
  { head: "kept", cell: ({ rounds, broken }) => `${rounds - broken}/${rounds}` },
  { head: "done", width: 34, cell: ({ done }) => done },
  { head: "accepted", cell: ({ totals }) => totals.accepted },
  { head: "applied", cell: ({ totals }) => totals.applied },
  { head: "failed", cell: ({ totals }) => totals.failed },
  { head: "lost", cell: ({ totals }) => totals.lost },
  { head: "doubled", cell: ({ totals }) => totals.doubled },
  { head: "out of order", width: 8, cell: ({ totals }) => totals.outOfOrder },
  { head: "at once", width: 6, cell: ({ mostAtOnce }) => mostAtOnce },
  { head: "folded (most)", width: 9, cell: (row) => `${row.totals.folded} (${row.largestFold})` },
  { head: "calls", cell: ({ totals }) => totals.calls },
  { head: "a update", width: 8, cell: ({ totals }) => (totals.calls / totals.accepted).toFixed(2) },
  { head: "429s", cell: ({ totals }) => totals.refusals },
  { head: "while refused", width: 9, cell: ({ totals }) => totals.untimely },
  { head: "s", cell: ({ seconds }) => seconds.toFixed(0) },
];

function summarise(reports: readonly ScenarioReport[]): Row {
  const done = new Map<string, number>();
  for (const report of reports) {
    for (const [what, times] of report.done) {
      done.set(what, (done.get(what) ?? 0) + times);
    }
  }
  const sum = (of: (report: ScenarioReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const found = (kind: string) => (report: ScenarioReport) =>
    report.verdict.findings.filter((finding) => finding.kind === kind).length;
  return {
    name: reports[0]?.name ?? "",
    rounds: reports.length,
    broken: reports.filter(({ broken }) => broken.length > 0).length,
    done: [...done].map(([what, times]) => `${times} ${what}`).join(", "),
    seconds: sum(({ seconds }) => seconds),
    mostAtOnce: Math.max(...reports.map(({ verdict }) => verdict.mostAtOnce)),
    largestFold: Math.max(...reports.map(({ verdict }) => verdict.largestFold)),
    totals: {
      accepted: sum(({ verdict }) => verdict.accepted),
      applied: sum(({ verdict }) => verdict.applied),
      failed: sum(({ verdict }) => verdict.failed),
      lost: sum(found("lost")),
      doubled: sum(found("doubled")),
      outOfOrder: sum(found("outOfOrder")),
      folded: sum(({ verdict }) => verdict.folded),
      calls: sum(({ verdict }) => verdict.calls.total),
      refusals: sum(({ verdict }) => verdict.calls.refusals),
      untimely: sum(({ verdict }) => verdict.calls.untimely),
    },
  };
}
