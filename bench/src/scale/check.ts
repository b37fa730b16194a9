import type { Cell, Goal, Table } from "../report/benchmark.ts";
import { median, spreadOf } from "../report/spread.ts";
import { predict, type UnitCosts } from "./model.ts";
import type { Point } from "./plans.ts";
import { NO_LIMIT_PER_SECOND } from "./unit-costs.ts";

/** How far a prediction may be from what was measured, as a share of that. */
const MOST_ERROR = 0.15;

const UNKNOWN_TO_IT =
  "The model knows no waiting for the disk (`appendfsync always` makes Redis wait besides computing), and takes cores to be shared without loss.";

/** A point with what it took in every round. */
export interface CheckedPoint {
  readonly point: Point;
  readonly measured: readonly number[];
}

/** Measured on one machine: its cores are shared by everything, and one Redis serves all accounts. */
export function predictHere(point: Point, costs: UnitCosts, cores: number) {
  return predict({ ...point, shards: 1, cores }, costs);
}

export function checkTable(
  checked: readonly CheckedPoint[],
  costs: UnitCosts,
  cores: number,
): Table {
  return {
    title: "The model against measured backlogs",
    note: "From the upload until the last row is final. None of these runs is one that the costs come from.",
    columns: [
      { head: "updates" },
      { head: "accounts" },
      { head: "limit of an account, calls/s" },
      { head: "workers of an account" },
      { head: "measured, s", digits: 1 },
      { head: "model, s", digits: 1 },
      { head: "off by, %" },
      { head: "what decides" },
    ],
    rows: checked.map(({ point, measured }): Cell[] => {
      const { seconds, bottleneck } = predictHere(point, costs, cores);
      const { updates, accounts, ratePerSecond, workersPerAccount } = point;
      return [
        updates,
        accounts,
        ratePerSecond === NO_LIMIT_PER_SECOND ? "none" : ratePerSecond,
        workersPerAccount,
        spreadOf(measured),
        seconds,
        errorOf(seconds, measured) * 100,
        bottleneck,
      ];
    }),
  };
}

export function checkGoal(checked: readonly CheckedPoint[], costs: UnitCosts, cores: number): Goal {
  const errors = checked.map(({ point, measured }) => ({
    point,
    error: errorOf(predictHere(point, costs, cores).seconds, measured),
  }));
  const far = errors.filter(({ error }) => Math.abs(error) > MOST_ERROR);
  const farthest = Math.max(...errors.map(({ error }) => Math.abs(error)));
  return {
    text: `the model is within ${MOST_ERROR * 100} % of every measured point`,
    measured: `${errors.length - far.length} of ${errors.length} points; the farthest is ${Math.round(farthest * 100)} % off`,
    isMet: far.length === 0,
    ...(far.length === 0
      ? {}
      : {
          why: `${far.map(({ point, error }) => whyFar(point, error)).join("; ")}. ${UNKNOWN_TO_IT}`,
        }),
  };
}

function whyFar({ updates, accounts, workersPerAccount }: Point, error: number): string {
  const percent = Math.round(Math.abs(error) * 100);
  const where = `accounts: ${accounts}, workers of each: ${workersPerAccount}`;
  return `${updates} updates (${where}): ${percent} % too ${error > 0 ? "slow" : "fast"}`;
}

function errorOf(predicted: number, measured: readonly number[]): number {
  return predicted / median(measured) - 1;
}
