import type { UpdateFate } from "../gateway.ts";
import type { Accepted } from "../submitter.ts";
import type { UpstreamReferral, UpstreamRequest } from "../upstream.ts";
import { type CallCounts, countCalls, IN_FLIGHT_MS } from "./calls.ts";
import { checkLane, type Leniency } from "./check-lane.ts";
import type { Finding } from "./findings.ts";
import { isApplied, laneLogs } from "./lane-log.ts";

/** What callers know, and the upstream's truth. */
export interface Evidence {
  /** Of each referral in the order of acceptance. */
  readonly accepted: readonly Accepted[];
  readonly fates: ReadonlyMap<string, UpdateFate>;
  readonly truth: ReadonlyMap<string, UpstreamReferral>;
  readonly requests: readonly UpstreamRequest[];
}

/** What one scenario came to. */
export interface Verdict {
  readonly accepted: number;
  readonly applied: number;
  readonly failed: number;
  /** Updates that travelled with others. */
  readonly folded: number;
  /** Most updates that travelled together. */
  readonly largestFold: number;
  /** Most writes of one referral that were in flight at once. */
  readonly mostAtOnce: number;
  readonly calls: CallCounts;
  readonly findings: readonly Finding[];
}

/** Compares the one with the other; see `check-lane.ts` for what is compared. */
export function judge(
  { accepted, fates, truth, requests }: Evidence,
  leniency: Leniency,
  inFlightMs: number = IN_FLIGHT_MS,
): Verdict {
  const lanes = laneLogs(truth.keys(), accepted, fates, requests);
  const all = lanes.flatMap(({ updates }) => updates);
  const companions = all.map(({ fate }) => fate?.mergedWith.length ?? 0);
  return {
    accepted: accepted.length,
    applied: all.filter(isApplied).length,
    failed: all.filter(({ fate }) => fate?.state === "FAILED").length,
    folded: companions.filter((others) => others > 0).length,
    largestFold: companions.reduce((most, others) => Math.max(most, others + 1), 0),
    mostAtOnce: requests.reduce(
      (most, { concurrentWritesSameReferral }) => Math.max(most, concurrentWritesSameReferral),
      0,
    ),
    calls: countCalls(requests, inFlightMs),
    findings: lanes.flatMap((lane) =>
      checkLane(lane, truth.get(lane.referralId) ?? { id: lane.referralId }, leniency),
    ),
  };
}
