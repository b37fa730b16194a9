import type { LoadResult } from "./load.ts";

/** What is kept of a run. */
export interface LoadSummary {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** µs of processor of the server for one request. */
  readonly cpuUs: number;
}

export function summarise({
  requests,
  failures,
  seconds,
  cpuMs,
  latenciesMs,
}: LoadResult): LoadSummary {
  const at = (share: number): number =>
    latenciesMs[Math.min(requests - 1, Math.floor(requests * share))] ?? Number.NaN;
  return {
    requests,
    failures,
    perSecond: requests / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuUs: (cpuMs * 1_000) / requests,
  };
}
