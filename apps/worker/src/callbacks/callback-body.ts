import type { BulkUpdate } from "@patchlane/update-queue";

/** What a caller is told about a bulk update that is over: how it ended, nothing of its rows. */
export function callbackBody(bulkUpdate: BulkUpdate): string {
  const { id, state, label, isDryRun, counts, upstreamCalls, submittedAt, finishedAt } = bulkUpdate;
  return JSON.stringify({
    id,
    state,
    label: label ?? null,
    dryRun: isDryRun,
    counts,
    upstreamCalls,
    submittedAt: dateTime(submittedAt),
    finishedAt: finishedAt === undefined ? null : dateTime(finishedAt),
  });
}

function dateTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
