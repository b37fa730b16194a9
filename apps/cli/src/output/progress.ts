import type { BulkUpdate } from "@patchlane/gateway-client";
import type { RateMeter } from "./rate-meter.ts";

/** A bulk update's progress at one moment. */
export interface Progress {
  readonly state: BulkUpdate["state"];
  readonly done: number;
  readonly total: number;
  readonly applied: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly isDryRun: boolean;
  readonly perSecond: number | undefined;
  readonly etaSeconds: number | undefined;
}

export function progressOf(bulkUpdate: BulkUpdate, meter: RateMeter, nowMs: number): Progress {
  const { total, applied, unchanged, failed, cancelled } = bulkUpdate.counts;
  const done = doneOf(bulkUpdate);
  const perSecond = meter.perSecond(nowMs);
  // The gateway knows what the upstream allows and what is still to be read; here is only what was seen.
  const guess = perSecond === undefined || perSecond <= 0 ? undefined : (total - done) / perSecond;
  const isRunning = bulkUpdate.state === "RUNNING";
  return {
    state: bulkUpdate.state,
    isDryRun: bulkUpdate.dryRun,
    ...{ done, total, applied, unchanged, failed, cancelled, perSecond },
    etaSeconds: isRunning ? (bulkUpdate.etaSeconds ?? guess) : undefined,
  };
}

/** Rows that are final. */
export function doneOf({ counts }: Pick<BulkUpdate, "counts">): number {
  return counts.applied + counts.unchanged + counts.failed + counts.cancelled;
}
