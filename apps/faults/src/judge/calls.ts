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
  /** ms between that request and the last of those calls; 0 when there are none. */
  readonly untimelyAfterMs: number;
}

/**
 * ms after a refusal in which calls may arrive that were on their way already. Usually they come within 60; at
 * the first refusal of processes just started, on two busy cores, 130 were seen.
 */
export const IN_FLIGHT_MS = 250;
/** ms by which a call may arrive too early: clocks, and dates in whole seconds, are no more exact. */
const SLACK_MS = 25;

export function countCalls(requests: readonly UpstreamRequest[], inFlightMs: number): CallCounts {
  const patches = requests.filter(({ method }) => method === "PATCH").length;
  const lists = requests.filter(({ referralId }) => referralId === null).length;
  return {
    total: requests.length,
    writes: patches,
    reads: requests.length - patches - lists,
    lists,
    refusals: requests.filter(({ status }) => status === 429).length,
    ...untimelyCalls(requests, inFlightMs),
  };
}

/** Calls inside the time that a Retry-After, on 429 or 503, asked for. */
function untimelyCalls(
  requests: readonly UpstreamRequest[],
  inFlightMs: number,
): Pick<CallCounts, "untimely" | "untimelyAfterMs"> {
  const windows = requests.flatMap(({ status, endMs, retryAfterMs }) =>
    (status === 429 || status === 503) && endMs !== null && retryAfterMs !== null
      ? [{ askedMs: endMs, untilMs: endMs + retryAfterMs - SLACK_MS }]
      : [],
  );
  // A call inside several windows is as late as the first of them makes it.
  const latenesses = requests.flatMap(({ startMs }) => {
    const broken = windows.filter(
      ({ askedMs, untilMs }) => startMs > askedMs + inFlightMs && startMs < untilMs,
    );
    return broken.length === 0 ? [] : [Math.max(...broken.map(({ askedMs }) => startMs - askedMs))];
  });
  return { untimely: latenesses.length, untimelyAfterMs: Math.max(0, ...latenesses) };
}
