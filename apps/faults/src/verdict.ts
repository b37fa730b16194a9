import type { UpdateFate } from "./settled.ts";
import type { Accepted } from "./submitter.ts";
import type { UpstreamReferral, UpstreamRequest } from "./upstream.ts";

/** What one scenario came to. */
export interface Verdict {
  readonly accepted: number;
  readonly applied: number;
  readonly failed: number;
  /** Accepted and not final, or said to be applied without a trace upstream. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Most writes of one referral that were in flight at once. */
  readonly mostAtOnce: number;
  readonly calls: number;
  readonly refusals: number;
  /** A few examples of what is wrong, for whoever has to find out why. */
  readonly examples: readonly string[];
}

/**
 * Compares what callers know with the upstream's truth. A referral's team is a log by itself: people stand in
 * it in the order they were added, each exactly once. Of the notes the last one applied must stand.
 */
export function judge(
  accepted: readonly Accepted[],
  fates: ReadonlyMap<string, UpdateFate>,
  truth: ReadonlyMap<string, UpstreamReferral>,
  requests: readonly UpstreamRequest[],
  hasIntruders: boolean,
): Verdict {
  const examples: string[] = [];
  const tell = (what: string): void => {
    if (examples.length < 5) {
      examples.push(what);
    }
  };
  let lost = 0;
  let doubled = 0;
  let outOfOrder = 0;
  const isApplied = ({ id }: Accepted): boolean => {
    const state = fates.get(id)?.state;
    return state === "APPLIED" || state === "UNCHANGED";
  };
  for (const update of accepted) {
    const state = fates.get(update.id)?.state ?? "unknown";
    if (state === "QUEUED" || state === "SENDING" || state === "unknown") {
      lost += 1;
      tell(`${update.id} is still ${state}`);
    } else if (state === "FAILED") {
      tell(
        `${update.id} FAILED: ${fates.get(update.id)?.error?.code} ${fates.get(update.id)?.error?.message}`,
      );
    }
  }
  for (const [referralId, referral] of truth) {
    const lane = accepted.filter((update) => update.referralId === referralId && isApplied(update));
    const emails = (referral.team ?? []).map(({ email }) => email ?? "");
    const added = lane.flatMap(({ email }) => (email === undefined ? [] : [email]));
    for (const email of added) {
      const times = emails.filter((candidate) => candidate === email).length;
      lost += times === 0 ? 1 : 0;
      doubled += times > 1 ? 1 : 0;
      if (times !== 1) {
        tell(`${email} stands ${times} times in the team of ${referralId}`);
      }
    }
    const positions = added.map((email) => emails.indexOf(email)).filter((at) => at >= 0);
    const lastNotes = lane.findLast(({ notes }) => notes !== undefined)?.notes;
    const notes = referral.details?.notes;
    if (positions.some((at, i) => i > 0 && at < (positions[i - 1] ?? 0))) {
      outOfOrder += 1;
      tell(`the team of ${referralId} is not in the order of acceptance`);
    } else if (!hasIntruders && lastNotes !== undefined && notes !== lastNotes) {
      outOfOrder += 1;
      tell(`${referralId} has "${notes}", the last one applied was "${lastNotes}"`);
    }
  }
  return {
    accepted: accepted.length,
    applied: accepted.filter(isApplied).length,
    failed: accepted.filter(({ id }) => fates.get(id)?.state === "FAILED").length,
    lost,
    doubled,
    outOfOrder,
    mostAtOnce: Math.max(0, ...requests.map((request) => request.concurrentWritesSameReferral)),
    calls: requests.length,
    refusals: requests.filter(({ status }) => status === 429).length,
    examples,
  };
}
