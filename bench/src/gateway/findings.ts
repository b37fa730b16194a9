import type { Cell, Findings, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, type Spread, spreadOf } from "../report/spread.ts";
import type { Series } from "./measure.ts";
import { OPERATION_NOTES } from "./method.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";
import { type Load, MAIN_OPERATIONS } from "./plans.ts";
import type { ServerName } from "./servers.ts";
import type { LoadSummary } from "./summary.ts";

const NAMES: Readonly<Record<ServerName, string>> = {
  patchlane: "Patchlane's gateway",
  apollo: "Apollo Server",
  mercurius: "mercurius",
  bare: "graphql-js on node:http",
};

/** Tables and goals of what was measured. */
export function findingsOf(all: readonly Series[], rounds: number): Findings {
  const isSaturating = ({ server, load }: Series): boolean =>
    server === "patchlane" &&
    load.arrivals.kind === "closed" &&
    MAIN_OPERATIONS.includes(load.operation);
  return {
    rounds,
    tables: OPERATION_NAMES.map((operation) => tableOf(all, operation)),
    goals: all.filter(isSaturating).map((ours) => goalOf(all, ours)),
  };
}

function tableOf(all: readonly Series[], operation: OperationName): Table {
  return {
    title: `\`${operation}\``,
    note: OPERATION_NOTES[operation],
    columns: [
      { head: "load" },
      { head: "server" },
      { head: "requests/s" },
      { head: "gateway's ÷ it", digits: 2 },
      { head: "p50 ms", digits: 1 },
      { head: "p99 ms", digits: 1 },
      { head: "CPU µs a request" },
      { head: "it ÷ gateway's", digits: 2 },
    ],
    rows: all.filter(({ load }) => load.operation === operation).map((one) => rowOf(all, one)),
  };
}

function rowOf(all: readonly Series[], one: Series): Cell[] {
  const ours = seriesOf(all, "patchlane", one.load);
  const isOurs = one === ours;
  const isClosed = one.load.arrivals.kind === "closed";
  return [
    loadText(one.load),
    NAMES[one.server],
    isClosed ? spreadOf(rates(one)) : null,
    isClosed && !isOurs ? ratioOf(rates(ours), rates(one)) : null,
    spread(one, ({ p50Ms }) => p50Ms),
    spread(one, ({ p99Ms }) => p99Ms),
    spread(one, cpu),
    isOurs ? null : ratioOf(one.rounds.map(cpu), ours.rounds.map(cpu)),
  ];
}

function goalOf(all: readonly Series[], ours: Series): Goal {
  const { load } = ours;
  const apollo = seriesOf(all, "apollo", load);
  const { median, least, most } = ratioOf(rates(ours), rates(apollo));
  return {
    text: `\`${load.operation}\`, ${loadText(load)}: at least Apollo Server's requests a second`,
    measured: `${median.toFixed(2)} times as many (${least.toFixed(2)}–${most.toFixed(2)})`,
    isMet: median >= 1,
  };
}

function seriesOf(all: readonly Series[], server: ServerName, load: Load): Series {
  const found = all.find((one) => one.server === server && one.load === load);
  if (found === undefined) {
    throw new Error(`${server} was not measured`);
  }
  return found;
}

function loadText({ arrivals }: Load): string {
  return arrivals.kind === "closed"
    ? `${arrivals.connections} connections`
    : `${arrivals.perSecond}/s arriving`;
}

function rates({ rounds }: Series): number[] {
  return rounds.map(({ perSecond }) => perSecond);
}

function cpu({ cpuUs }: LoadSummary): number {
  return cpuUs;
}

function spread({ rounds }: Series, of: (round: LoadSummary) => number): Spread {
  return spreadOf(rounds.map(of));
}
