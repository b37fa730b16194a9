import type { UpstreamRequest } from "../upstream.ts";

/** What the upstream was asked. */
export interface CallCounts {
  readonly total: number;
  readonly writes: number;
  /** Single referrals. */
  readonly reads: number;
  readonly lists: number;
  readonly refusals: number;
  /** Made although the upstream had asked to be left alone. */
  readonly untimely: number;
}

/** ms after a refusal in which calls may arrive that were on their way already. */
export const IN_FLIGHT_MS = 100;
/** ms by which a call may arrive too early: clocks, and dates in whole seconds, are no more exact. */
const SLACK_MS = 25;

export function countCalls(
  requests: readonly UpstreamRequest[],
  inFlightMs = IN_FLIGHT_MS,
): CallCounts {
  const patches = requests.filter(({ method }) => method === "PATCH").length;
  const lists = requests.filter(({ referralId }) => referralId === null).length;
  return {
    total: requests.length,
    writes: patches,
    reads: requests.length - patches - lists,
    lists,
    refusals: requests.filter(({ status }) => status === 429).length,
    untimely: countUntimely(requests, inFlightMs),
  };
}

/** Calls inside the time that a Retry-After, on 429 or 503, asked for. */
function countUntimely(requests: readonly UpstreamRequest[], inFlightMs: number): number {
  const windows = requests.flatMap(({ status, endMs, retryAfterMs }) =>
    (status === 429 || status === 503) && endMs !== null && retryAfterMs !== null
      ? [{ fromMs: endMs + inFlightMs, toMs: endMs + retryAfterMs - SLACK_MS }]
      : [],
  );
  return requests.filter(({ startMs }) =>
    windows.some(({ fromMs, toMs }) => startMs > fromMs && startMs < toMs),
  ).length;
}
