import type { Size } from "../report/benchmark.ts";

export interface Plan {
  readonly rounds: number;
  /** Accepts one after the other, and with 50 under way. */
  readonly singles: number;
  readonly inFlight: number;
  /** Rows of an upload. */
  readonly rows: number;
  /** Updates of a drain. */
  readonly drained: number;
  /** Updates waiting while others are accepted and drained. */
  readonly backlogs: readonly number[];
  /** Of a look at a backlog: updates accepted, ms of draining. */
  readonly accepted: number;
  readonly drainMs: number;
}

export const PLANS: Record<Size, Plan> = {
  full: {
    rounds: 3,
    singles: 1_000,
    inFlight: 10_000,
    rows: 100_000,
    drained: 8_000,
    backlogs: [1_000, 10_000, 100_000, 1_000_000],
    accepted: 3_000,
    drainMs: 3_000,
  },
  quick: {
    rounds: 1,
    singles: 200,
    inFlight: 2_000,
    rows: 10_000,
    drained: 2_000,
    backlogs: [1_000, 10_000],
    accepted: 1_000,
    drainMs: 1_000,
  },
  test: {
    rounds: 1,
    singles: 10,
    inFlight: 60,
    rows: 200,
    drained: 60,
    backlogs: [100],
    accepted: 20,
    drainMs: 50,
  },
};
