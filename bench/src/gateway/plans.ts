import type { Size } from "../report/benchmark.ts";
import type { LoadOptions } from "./load.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";

/** One load, put on every server in turn. */
export type Load = Pick<LoadOptions, "operation" | "arrivals" | "seconds">;

export interface Plan {
  readonly rounds: number;
  /** Of every operation before anything counts: warm code. */
  readonly warmUpSeconds: number;
  readonly loads: readonly Load[];
}

interface PlanOptions {
  readonly rounds: number;
  readonly warmUpSeconds: number;
  /** Of every run; what the goal is not about gets half. */
  readonly seconds: number;
  /** Of the closed runs of `mutate` and `read`; the others are measured with the last of it. */
  readonly connections: readonly number[];
  /** Of the open runs; fixed, so that every server has the same to do. */
  readonly perSecond: number;
}

/** What the goal is about; the others say where the time goes. */
export const MAIN_OPERATIONS: readonly OperationName[] = ["mutate", "read"];

export const PLANS: Readonly<Record<Size, Plan>> = {
  full: planOf({
    ...{ rounds: 5, warmUpSeconds: 2, seconds: 2 },
    ...{ connections: [16, 64], perSecond: 400 },
  }),
  quick: planOf({
    ...{ rounds: 2, warmUpSeconds: 1, seconds: 0.6 },
    ...{ connections: [64], perSecond: 400 },
  }),
  test: planOf({
    ...{ rounds: 1, warmUpSeconds: 0, seconds: 0.05 },
    ...{ connections: [4], perSecond: 200 },
  }),
};

function planOf({ rounds, warmUpSeconds, ...options }: PlanOptions): Plan {
  const { seconds, connections, perSecond } = options;
  const loads = OPERATION_NAMES.flatMap((operation): Load[] => {
    const closed = connections.map((count): Load => {
      return { operation, seconds, arrivals: { kind: "closed", connections: count } };
    });
    return MAIN_OPERATIONS.includes(operation)
      ? [...closed, { operation, seconds, arrivals: { kind: "open", perSecond } }]
      : closed.slice(-1).map((load) => ({ ...load, seconds: seconds / 2 }));
  });
  return { rounds, warmUpSeconds, loads };
}
