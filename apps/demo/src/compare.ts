import type { Fate, SubmittedUpdate } from "./many-updates.ts";
import type { UpstreamRequest } from "./upstream-log.ts";

/** The callers' view and the upstream's, side by side. */
export interface Comparison {
  readonly accepted: number;
  readonly applied: number;
  /** Updates whose effect never reached the upstream, neither by itself nor written over by a companion in the same PATCH. */
  readonly lost: number;
  /** Updates that were written more than once. */
  readonly doubled: number;
  /** Referrals whose updates arrived in another order than they were accepted. */
  readonly outOfOrder: number;
  readonly writes: number;
  readonly reads: number;
  readonly refusals: number;
  /** Most writes of one referral the upstream ever saw at once. */
  readonly mostAtOnce: number;
  /** Calls per second between the first and the last. */
  readonly callsPerSecond: number;
}

/**
 * Compares what callers were told with what the upstream's request log shows. All updates set the notes: of
 * those that left together only the last one's can be seen.
 */
export function compare(
  submitted: readonly SubmittedUpdate[],
  fates: ReadonlyMap<string, Fate>,
  log: readonly UpstreamRequest[],
): Comparison {
  const arrived = arrivals(log);
  const orders = lanesOf(submitted);
  const timesWritten = (update: SubmittedUpdate): number =>
    (arrived.get(update.referralId) ?? []).filter((notes) => notes === update.notes).length;
  const accepted = new Map(submitted.map((update, place) => [update.id, { update, place }]));
  const isWrittenOver = ({ id }: SubmittedUpdate): boolean =>
    (fates.get(id)?.mergedWith ?? []).some((companion) => {
      const later = accepted.get(companion);
      return (
        later !== undefined &&
        later.place > (accepted.get(id)?.place ?? 0) &&
        timesWritten(later.update) === 1
      );
    });
  const first = log[0]?.startMs ?? 0;
  const last = log.at(-1)?.startMs ?? 0;
  return {
    accepted: submitted.length,
    applied: [...fates.values()].filter(({ state }) => state === "APPLIED").length,
    lost: submitted.filter((update) => timesWritten(update) === 0 && !isWrittenOver(update)).length,
    doubled: submitted.filter((update) => timesWritten(update) > 1).length,
    outOfOrder: [...orders].filter(([id, notes]) => !isInOrder(arrived.get(id) ?? [], notes))
      .length,
    writes: log.filter(({ method }) => method === "PATCH").length,
    reads: log.filter(({ method }) => method === "GET").length,
    refusals: log.filter(({ status }) => status === 429).length,
    mostAtOnce: Math.max(0, ...log.map((request) => request.concurrentWritesSameReferral)),
    callsPerSecond: last > first ? ((log.length - 1) * 1000) / (last - first) : 0,
  };
}

/** Notes written per referral, in the order the upstream applied them. */
function arrivals(log: readonly UpstreamRequest[]): Map<string, string[]> {
  const byReferral = new Map<string, string[]>();
  for (const { referralId, applied, body } of log) {
    if (!applied || referralId === null || !Array.isArray(body)) {
      continue;
    }
    for (const operation of body as { path: string; value: unknown }[]) {
      if (operation.path === "/details/notes") {
        byReferral.set(referralId, [
          ...(byReferral.get(referralId) ?? []),
          String(operation.value),
        ]);
      }
    }
  }
  return byReferral;
}

function lanesOf(submitted: readonly SubmittedUpdate[]): Map<string, string[]> {
  const lanes = new Map<string, string[]>();
  for (const { referralId, notes } of submitted) {
    lanes.set(referralId, [...(lanes.get(referralId) ?? []), notes]);
  }
  return lanes;
}

function isInOrder(arrived: readonly string[], accepted: readonly string[]): boolean {
  const positions = accepted.map((notes) => arrived.indexOf(notes)).filter((at) => at >= 0);
  return positions.every((at, i) => i === 0 || at > (positions[i - 1] ?? 0));
}
