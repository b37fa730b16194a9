import type { Cell, Findings, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, type Spread, spreadOf } from "../report/spread.ts";
import type { Measured, Turns } from "./measure.ts";
import type { BlockResult } from "./run-block.ts";

/** Longest p50 (ms) from mutation to PATCH beyond the budget's own wait. */
const GOAL_MS = 15;

/** What of a turn a column shows. */
type Part = (block: BlockResult) => readonly number[];

const toWrite: Part = ({ toWriteMs }) => toWriteMs;
const ownWait: Part = ({ ownWaitMs }) => ownWaitMs;
const toAnswer: Part = ({ toAnswerMs }) => toAnswerMs;
const toApplied: Part = ({ toAppliedMs }) => toAppliedMs;
const beyond: Part = ({ toWriteMs, ownWaitMs }) =>
  toWriteMs.map((ms, n) => ms - (ownWaitMs[n] ?? 0));

/** Tables and goals of what was measured. */
export function findingsOf(measured: Measured, rounds: number): Findings {
  return {
    rounds,
    tables: [lowLoadTable(measured.lowLoad), backlogTable(measured.backlog)],
    goals: measured.lowLoad.filter(isOurs).map(goalOf),
  };
}

function lowLoadTable(turns: readonly Turns[]): Table {
  const rivals = (name: string): number[] => atOf(find(turns, name), toWrite, 0.5);
  return {
    title: "Nothing else to do",
    note: "10 changes a second, or a quarter of the rate if that is less. Own wait: what the rate alone costs, calls evenly spaced. Metered: mean of what the worker measures between asking the budget and leaving, in which the last checks before a write are made. Ratios to BullMQ are to the one that syncs before it answers.",
    columns: [
      { head: "who" },
      { head: "to the PATCH, p50 ms", digits: 1 },
      { head: "p95 ms", digits: 1 },
      { head: "own wait, p50 ms", digits: 1 },
      { head: "beyond it, p50 ms", digits: 1 },
      { head: "beyond it, p95 ms", digits: 1 },
      { head: "metered, mean ms", digits: 1 },
      { head: "accepted, p50 ms", digits: 1 },
      { head: "applied, p50 ms", digits: 1 },
      { head: "p50 ÷ direct", digits: 1 },
      { head: "p50 ÷ BullMQ", digits: 2 },
    ],
    rows: turns.map((own): Cell[] => [
      nameOf(own),
      ...timesOf(own),
      own.who === "direct" ? null : at(own, toAnswer, 0.5),
      isOurs(own) ? at(own, toApplied, 0.5) : null,
      ...["direct", "bullmqDurable"].map((name) =>
        own.who === name || own.who === "direct"
          ? null
          : ratioOf(atOf(own, toWrite, 0.5), rivals(name)),
      ),
    ]),
  };
}

function backlogTable(turns: readonly Turns[]): Table {
  return {
    title: "While a bulk update runs",
    note: "As many changes a second, while rows for more than the whole turn are queued. The next moment of the budget is then somebody's already: half a spacing is what the rate costs at least (2.6 ms at 200/s, 26 ms at 20/s).",
    columns: [
      { head: "who" },
      { head: "to the PATCH, p50 ms", digits: 1 },
      { head: "p95 ms", digits: 1 },
      { head: "metered, mean ms", digits: 1 },
      { head: "p50 ÷ BullMQ", digits: 2 },
    ],
    rows: turns.map((own): Cell[] => {
      const rival = find(turns, own.who.replace("patchlane", "bullmq"));
      return [
        nameOf(own),
        at(own, toWrite, 0.5),
        at(own, toWrite, 0.95),
        isOurs(own) ? spreadOf(own.meteredMs) : null,
        isOurs(own) ? ratioOf(atOf(own, toWrite, 0.5), atOf(rival, toWrite, 0.5)) : null,
      ];
    }),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  direct: "the PATCH itself, no queue",
  bullmq: "BullMQ, fsync every second",
  bullmqDurable: "BullMQ, fsync before the answer",
};

function nameOf({ who }: Turns): string {
  return (
    NAMES[who] ??
    who.replace("patchlane", "Patchlane").replace("bullmq", "BullMQ, limiter, priorities,")
  );
}

function timesOf(own: Turns): Cell[] {
  return [
    at(own, toWrite, 0.5),
    at(own, toWrite, 0.95),
    ...(isOurs(own)
      ? [
          at(own, ownWait, 0.5),
          at(own, beyond, 0.5),
          at(own, beyond, 0.95),
          spreadOf(own.meteredMs),
        ]
      : [null, null, null, null]),
  ];
}

function goalOf(own: Turns): Goal {
  const { median, least, most } = at(own, beyond, 0.5);
  return {
    text: `p50 from mutation to PATCH, beyond the budget's own wait, under ${GOAL_MS} ms (${nameOf(own)})`,
    measured: `${median.toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)})`,
    isMet: median < GOAL_MS,
    ...(median < GOAL_MS ? {} : { why: whyMissed(own) }),
  };
}

function whyMissed(own: Turns): string {
  const metered = spreadOf(own.meteredMs).median.toFixed(1);
  const needed = spreadOf(own.rounds.map(({ ownWaitMs }) => mean(ownWaitMs))).median.toFixed(1);
  return `A call leaves ${metered} ms after the worker asked the budget (mean); the rate alone explains ${needed} ms of that. The rest is the time the budget leaves for the last checks before a write, two hops over HTTP and half a dozen durable writes to Redis, one after the other.`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function find(turns: readonly Turns[], who: string): Turns {
  const found = turns.find((one) => one.who === who);
  if (found === undefined) {
    throw new Error(`${who} was not measured`);
  }
  return found;
}

function isOurs({ who }: Turns): boolean {
  return who.startsWith("patchlane");
}

function at(own: Turns, part: Part, share: number): Spread {
  return spreadOf(atOf(own, part, share));
}

/** The quantile of every round. */
function atOf({ rounds }: Turns, part: Part, share: number): number[] {
  return rounds.map((block) => {
    const sorted = [...part(block)].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  });
}
