import type { Size } from "../report/benchmark.ts";

/** What is sent in one turn. */
export interface Plan {
  readonly rounds: number;
  /** Changes everybody makes before anything counts: the code of a process that runs for days is warm. */
  readonly warmUp: number;
  /** Of Patchlane's budget, in calls per second. */
  readonly rates: readonly number[];
  /** Changes a second: a quarter of a rate, and at most this. */
  readonly mostPerSecond: number;
  /** That count, with nothing else to do. */
  readonly changes: number;
  /** That count, while rows of a bulk update are queued that take longer than the turn. */
  readonly changesBehind: number;
  readonly backlogRows: number;
}

export const PLANS: Readonly<Record<Size, Plan>> = {
  full: {
    ...{ rounds: 3, warmUp: 1_500, rates: [200, 20], mostPerSecond: 10 },
    ...{ changes: 50, changesBehind: 30, backlogRows: 5_000 },
  },
  quick: {
    ...{ rounds: 1, warmUp: 1_000, rates: [200, 20], mostPerSecond: 10 },
    ...{ changes: 30, changesBehind: 20, backlogRows: 4_000 },
  },
  test: {
    ...{ rounds: 1, warmUp: 20, rates: [200], mostPerSecond: 100 },
    ...{ changes: 6, changesBehind: 4, backlogRows: 500 },
  },
};

/** Share of a rate that is low load. */
const LOW_LOAD = 1 / 4;

/** Changes a second where the budget keeps to a rate. */
export function perSecondAt(ratePerSecond: number, { mostPerSecond }: Plan): number {
  return Math.min(ratePerSecond * LOW_LOAD, mostPerSecond);
}
