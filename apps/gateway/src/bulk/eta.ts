import type { BulkUpdate } from "@patchlane/update-queue";

/** What the time a bulk update still takes hangs on, beside itself. */
export interface Pace {
  /** Upstream calls per second in use. */
  readonly ratePerSecond: number;
  /** ms until which the upstream asked to be left alone. */
  readonly closedForMs: number;
  /** All that are RUNNING now. */
  readonly running: readonly BulkUpdate[];
}

/**
 * Calls per row believed in before there is experience, and how many rows' worth that belief counts: the first rows ended say
 * little, and the pages of the list that were read before them say nothing about those still to come.
 */
const USUAL_CALLS_PER_ROW = 1;
const BELIEF_ROWS = 100;
/** Most calls a row is expected to take: read and write. */
const MOST_CALLS_PER_ROW = 2;

/**
 * Seconds until the last row of a RUNNING bulk update is final, from the calls its rows took so far and the rate in use, with
 * equal shares for all that run: one with less left leaves its share to the others when it is through.
 */
export function etaSeconds(bulkUpdate: BulkUpdate, pace: Pace): number {
  const own = callsLeft(bulkUpdate);
  const others = pace.running
    .filter(({ id }) => id !== bulkUpdate.id)
    .reduce((sum, other) => sum + Math.min(callsLeft(other), own), 0);
  return Math.ceil((own + others) / pace.ratePerSecond + pace.closedForMs / 1_000);
}

/** Rows that end UNCHANGED or FAILED mostly took no call of their own, so the calls were made for the others. */
function callsLeft({ counts, upstreamCalls, isDryRun }: BulkUpdate): number {
  const believed = BELIEF_ROWS * USUAL_CALLS_PER_ROW;
  const perRow = (upstreamCalls + believed) / (counts.applied + BELIEF_ROWS);
  const most = isDryRun ? 1 : MOST_CALLS_PER_ROW; // a dry run only reads
  return (counts.queued + counts.sending) * Math.min(perRow, most);
}

/** Minutes `upstreamCalls` take at a rate (calls per second). */
export function minutesOf(upstreamCalls: number, ratePerSecond: number): number {
  return upstreamCalls / ratePerSecond / 60;
}
