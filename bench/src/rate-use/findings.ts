import type { Cell, Column, Findings, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, spreadOf } from "../report/spread.ts";
import type { ContenderName } from "./contenders.ts";
import type { Drain } from "./drain.ts";
import type { PlannedCase } from "./plan.ts";
import { callsOf, idealMs, titleOf } from "./rate-case.ts";

/** Every drain of one case, round by round. */
export interface CaseDrains {
  readonly rateCase: PlannedCase;
  readonly drains: ReadonlyMap<ContenderName, readonly Drain[]>;
}

const TITLES: Readonly<Record<ContenderName, string>> = {
  patchlane: "Patchlane",
  bullmqWindow: "BullMQ, limiter: R in 1,000 ms",
  bullmqEven: "BullMQ, limiter: 0.9 R, in steps of 100 ms",
  bullmqReacting: "BullMQ, stopped by 429 only",
  bottleneck: "Bottleneck, clustered",
  pQueue: "p-queue, strict",
};

const COLUMNS: readonly Column[] = [
  { head: "who" },
  { head: "time ÷ ideal", digits: 3 },
  { head: "÷ Patchlane's time", digits: 2 },
  { head: "429s" },
  { head: "calls made" },
  { head: "of them done" },
  { head: "CPU, ms a call", digits: 2 },
  { head: "Redis' CPU, ms a call", digits: 2 },
  { head: "from start to last success, s", digits: 1 },
];

/** Patchlane uses this share of the limit and no more (docs/decisions/0003). */
const MOST_OVER_IDEAL = 1.06;

export function findingsOf(rounds: number, measured: readonly CaseDrains[]): Findings {
  return {
    rounds,
    tables: measured.map(tableOf),
    goals: measured.map(goalOf),
  };
}

function tableOf({ rateCase, drains }: CaseDrains): Table {
  const calls = callsOf(rateCase);
  const seconds = idealMs(rateCase, calls) / 1_000;
  const ours = drains.get("patchlane")?.map(({ timeOverIdeal }) => timeOverIdeal) ?? [];
  return {
    title: titleOf(rateCase),
    note: `${calls.toLocaleString("en-US")} calls, which the upstream lets in within ${seconds} s at best.`,
    columns: COLUMNS,
    rows: [...drains].map(([name, each]): Cell[] => {
      const spread = (of: (drain: Drain) => number) => spreadOf(each.map(of));
      const times = each.map(({ timeOverIdeal }) => timeOverIdeal);
      return [
        TITLES[name],
        spreadOf(times),
        ratioOf(times, ours),
        spread(({ refusals }) => refusals),
        spread((drain) => drain.calls),
        spread(({ done }) => done),
        spread(({ cpuMsPerCall }) => cpuMsPerCall),
        spread(({ redisCpuMsPerCall }) => redisCpuMsPerCall),
        name === "patchlane" ? spread(({ fromStartMs }) => fromStartMs / 1_000) : null,
      ];
    }),
  };
}

function goalOf({ rateCase, drains }: CaseDrains): Goal {
  const ours = drains.get("patchlane") ?? [];
  const time = spreadOf(ours.map(({ timeOverIdeal }) => timeOverIdeal)).median;
  const refusals = ours.reduce((sum, drain) => sum + drain.refusals, 0);
  const isFast = time <= MOST_OVER_IDEAL;
  const whys = [
    ...(isFast ? [] : ["Calls left later than the budget has moments for."]),
    ...(refusals === 0 ? [] : ["A call came too early for the limit, behind one that came late."]),
  ];
  return {
    text: `${titleOf(rateCase)}: within ${MOST_OVER_IDEAL} of the ideal time, without a 429`,
    measured: `${time.toFixed(3)}, ${refusals} 429s in ${ours.length} drains`,
    isMet: isFast && refusals === 0,
    ...(whys.length === 0 ? {} : { why: whys.join(" ") }),
  };
}
