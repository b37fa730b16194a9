import type { Size } from "../report/benchmark.ts";
import type { ContenderName } from "./contenders.ts";
import type { RateCase } from "./rate-case.ts";
import { RIVALS } from "./rivals/rival.ts";

export interface PlannedCase extends RateCase {
  readonly contenders: readonly ContenderName[];
}

export interface Plan {
  readonly rounds: number;
  /** ms a contender may take until it makes its first call; a test on a busy machine is not about that. */
  readonly startingMs: number;
  readonly cases: readonly PlannedCase[];
}

/** A bucket holds a tenth of a second's calls: what the smallest steps of the rivals' limiters need. */
const BURST_SECONDS = 0.1;

const ALL: readonly ContenderName[] = ["patchlane", "patchlaneCold", ...RIVALS];
/** One process: where a queue without a cluster mode belongs. The others are the same for one process as for three. */
const ALONE: readonly ContenderName[] = ["patchlane", "bullmqEven", "pQueue"];
/** At a low rate the others have the same faults and take as long: the limit itself is what Patchlane is held against. */
const SLOW: readonly ContenderName[] = ["patchlane"];
/** For a look within a minute or so. */
const FEW: readonly ContenderName[] = ["patchlane", "bullmqEven", "bottleneck", "pQueue"];

const TINY: RateCase = {
  kind: "bucket",
  ratePerSecond: 1_000,
  burst: 20,
  processes: 1,
  idealSeconds: 0.02,
};

const PLANS: Readonly<Record<Size, Plan>> = {
  full: {
    rounds: 3,
    startingMs: 4_000,
    cases: [
      ...casesOf({ ratePerSecond: 200, processes: 3, idealSeconds: 6, contenders: ALL }),
      ...casesOf({ ratePerSecond: 200, processes: 1, idealSeconds: 6, contenders: ALONE }),
      ...casesOf({ ratePerSecond: 20, processes: 3, idealSeconds: 10, contenders: SLOW }),
    ],
  },
  quick: {
    rounds: 1,
    startingMs: 4_000,
    cases: casesOf({ ratePerSecond: 200, processes: 3, idealSeconds: 2, contenders: FEW }),
  },
  test: {
    rounds: 1,
    startingMs: 60_000,
    cases: [
      { ...TINY, contenders: ["patchlane", "patchlaneCold", "bullmqEven", "bottleneck", "pQueue"] },
    ],
  },
};

export function planOf(size: Size): Plan {
  return PLANS[size];
}

function casesOf(shared: Omit<PlannedCase, "kind" | "burst">): PlannedCase[] {
  const burst = Math.round(shared.ratePerSecond * BURST_SECONDS);
  return (["bucket", "window"] as const).map((kind) => ({ ...shared, kind, burst }));
}
