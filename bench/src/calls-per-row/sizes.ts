import type { Size } from "../report/benchmark.ts";
import type { UpdatesCase } from "./updates.ts";

export interface Plan {
  readonly rounds: number;
  readonly sync: {
    readonly referrals: number;
    /** Shares of the rows that change something. */
    readonly shares: readonly number[];
    readonly ratePerSecond: number;
  };
  readonly updates: {
    readonly cases: readonly UpdatesCase[];
    readonly ratePerSecond: number;
  };
}

/** Limits that two cores, simulator and all, can use: the limit shall decide how long it takes, not the machine. */
export const PLANS: Record<Size, Plan> = {
  full: {
    rounds: 3,
    sync: { referrals: 3_000, shares: [0, 0.03, 0.3, 1], ratePerSecond: 250 },
    updates: { cases: updateCases(100, [1, 3, 10]), ratePerSecond: 100 },
  },
  quick: {
    rounds: 1,
    sync: { referrals: 1_000, shares: [0, 0.03, 0.3, 1], ratePerSecond: 200 },
    updates: { cases: updateCases(50, [10]), ratePerSecond: 100 },
  },
  test: {
    rounds: 1,
    sync: { referrals: 300, shares: [0.03], ratePerSecond: 200 },
    updates: { cases: updateCases(10, [3]), ratePerSecond: 100 },
  },
};

/** What is waited for takes as many calls as updates, so fewer referrals will do. */
function updateCases(referrals: number, perReferral: readonly number[]): UpdatesCase[] {
  return [
    ...perReferral.map((count) => ({ way: "bulk" as const, perReferral: count, referrals })),
    ...perReferral.map((count) => ({ way: "atOnce" as const, perReferral: count, referrals })),
    {
      way: "inTurn",
      perReferral: Math.max(...perReferral),
      referrals: Math.ceil(referrals / 4),
    },
  ];
}
