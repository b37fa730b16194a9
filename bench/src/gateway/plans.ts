import type { Size } from "../report/benchmark.ts";
import type { LoadOptions } from "./load.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";

/** One load, put on every server in turn. */
export type Load = Pick<LoadOptions, "operation" | "arrivals" | "requests">;

export interface Plan {
  readonly rounds: number;
  /** Requests of every operation before anything counts: warm code. */
  readonly warmUp: number;
  readonly loads: readonly Load[];
}

interface PlanOptions {
  readonly rounds: number;
  readonly warmUp: number;
  /** Of a closed run. */
  readonly requests: number;
  /** What of `mutate` and `read` is measured; the others are, with the last of it. */
  readonly connections: readonly number[];
  /** Fixed, so that every server has the same to do. */
  readonly arrivals: { readonly perSecond: number; readonly seconds: number };
}

/** What the goal is about; the others say where the time goes. */
export const MAIN_OPERATIONS: readonly OperationName[] = ["mutate", "read"];

export const PLANS: Readonly<Record<Size, Plan>> = {
  full: planOf({
    rounds: 5,
    warmUp: 4_000,
    requests: 4_000,
    connections: [16, 64],
    arrivals: { perSecond: 400, seconds: 4 },
  }),
  quick: planOf({
    rounds: 2,
    warmUp: 1_000,
    requests: 1_500,
    connections: [64],
    arrivals: { perSecond: 400, seconds: 1 },
  }),
  test: planOf({
    rounds: 1,
    warmUp: 0,
    requests: 30,
    connections: [4],
    arrivals: { perSecond: 200, seconds: 0.15 },
  }),
};

function planOf({ rounds, warmUp, requests, connections, arrivals }: PlanOptions): Plan {
  const closed = (operation: OperationName, count: number): Load => {
    return { operation, requests, arrivals: { kind: "closed", connections: count } };
  };
  const loads = OPERATION_NAMES.flatMap((operation): Load[] => {
    if (!MAIN_OPERATIONS.includes(operation)) {
      return connections.slice(-1).map((count) => closed(operation, count));
    }
    const { perSecond, seconds } = arrivals;
    const open: Load = {
      operation,
      requests: perSecond * seconds,
      arrivals: { kind: "open", perSecond },
    };
    return [...connections.map((count) => closed(operation, count)), open];
  });
  return { rounds, warmUp, loads };
}
