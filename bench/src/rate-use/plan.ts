import type { Size } from "../report/benchmark.ts";
import type { ContenderName } from "./contenders.ts";
import type { RateCase } from "./rate-case.ts";
import { RIVALS } from "./rivals/rival.ts";

export interface PlannedCase extends RateCase {
  readonly contenders: readonly ContenderName[];
}

export interface Plan {
  readonly rounds: number;
  readonly cases: readonly PlannedCase[];
}

/** A bucket holds a tenth of a second's calls: what the smallest steps of the rivals' limiters need. */
const BURST_SECONDS = 0.1;

const ALL: readonly ContenderName[] = ["patchlane", ...RIVALS];
/** At a low rate everything else has the same faults and takes as long. */
const PACED: readonly ContenderName[] = ["patchlane", "bullmqEven", "bottleneck"];

const PLANS: Readonly<Record<Size, Plan>> = {
  full: {
    rounds: 3,
    cases: [
      ...casesOf({ ratePerSecond: 200, processes: 1, idealSeconds: 5, contenders: ALL }),
      ...casesOf({ ratePerSecond: 200, processes: 3, idealSeconds: 5, contenders: ALL }),
      ...casesOf({ ratePerSecond: 20, processes: 3, idealSeconds: 5, contenders: PACED }),
    ],
  },
  quick: {
    rounds: 1,
    cases: casesOf({ ratePerSecond: 200, processes: 3, idealSeconds: 2, contenders: ALL }),
  },
  test: {
    rounds: 1,
    cases: [
      { kind: "window", ratePerSecond: 200, burst: 1, processes: 1, idealSeconds: 0.1 },
      { kind: "bucket", ratePerSecond: 200, burst: 20, processes: 2, idealSeconds: 0.1 },
    ].map((rateCase) => ({ ...rateCase, contenders: ALL }) as PlannedCase),
  },
};

export function planOf(size: Size): Plan {
  return PLANS[size];
}

function casesOf(shared: Omit<PlannedCase, "kind" | "burst">): PlannedCase[] {
  const burst = Math.round(shared.ratePerSecond * BURST_SECONDS);
  return (["bucket", "window"] as const).map((kind) => ({ ...shared, kind, burst }));
}
