/** One upstream and how many processes call it. */
export interface RateCase {
  /** `bucket`: refills evenly and holds {@link burst}; `window`: so many in any second. */
  readonly kind: "bucket" | "window";
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly processes: number;
  /** The least time in which the upstream lets all calls of a drain in. */
  readonly idealSeconds: number;
}

/** After a refusal everything is refused for so long, and `Retry-After` says so: what the vendor describes. */
export const PENALTY_MS = 1_000;

/** How many calls take exactly {@link RateCase.idealSeconds} at least, from the first one's arrival to the last one's. */
export function callsOf({ kind, ratePerSecond, burst, idealSeconds }: RateCase): number {
  return Math.round(ratePerSecond * idealSeconds) + (kind === "bucket" ? burst : 1);
}

/** The least ms between the arrival of the first and of the last of `calls` calls, if none is to be refused. */
export function idealMs({ kind, ratePerSecond, burst }: RateCase, calls: number): number {
  return kind === "bucket"
    ? (Math.max(0, calls - burst) * 1_000) / ratePerSecond
    : Math.floor((calls - 1) / ratePerSecond) * 1_000;
}

export function titleOf({ kind, ratePerSecond, burst, processes }: RateCase): string {
  const upstream = kind === "bucket" ? `token bucket of ${burst}` : "sliding window of a second";
  return `${upstream}, ${ratePerSecond}/s, ${processes === 1 ? "one process" : `${processes} processes`}`;
}
