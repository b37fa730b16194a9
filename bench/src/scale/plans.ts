import type { Size } from "../report/benchmark.ts";
import type { Load } from "./model.ts";
import { NO_LIMIT_PER_SECOND } from "./unit-costs.ts";

/** A backlog that is measured and predicted. */
export type Point = Omit<Load, "shards" | "cores">;

export interface Plan {
  readonly rounds: number;
  /** Updates from which the costs of one are taken. */
  readonly costRows: number;
  readonly points: readonly Point[];
}

const none = NO_LIMIT_PER_SECOND;

/** Limits, workers, accounts and sizes other than those the costs come from; the last two are bound by the machine, not by a limit. */
const POINTS: readonly Point[] = [
  { updates: 120, accounts: 1, ratePerSecond: 20, workersPerAccount: 1 },
  { updates: 600, accounts: 1, ratePerSecond: 100, workersPerAccount: 2 },
  { updates: 600, accounts: 3, ratePerSecond: 40, workersPerAccount: 1 },
  { updates: 4_000, accounts: 1, ratePerSecond: none, workersPerAccount: 1 },
  { updates: 4_000, accounts: 1, ratePerSecond: none, workersPerAccount: 2 },
];

export const PLANS: Record<Size, Plan> = {
  full: { rounds: 3, costRows: 3_000, points: POINTS },
  quick: {
    rounds: 1,
    costRows: 2_000,
    points: [
      { updates: 80, accounts: 1, ratePerSecond: 20, workersPerAccount: 1 },
      { updates: 400, accounts: 2, ratePerSecond: 50, workersPerAccount: 1 },
      { updates: 3_000, accounts: 1, ratePerSecond: none, workersPerAccount: 1 },
    ],
  },
  test: {
    rounds: 1,
    costRows: 200,
    points: [{ updates: 20, accounts: 1, ratePerSecond: 50, workersPerAccount: 1 }],
  },
};
