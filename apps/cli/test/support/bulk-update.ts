import type { BulkUpdate } from "@patchlane/gateway-client";

export function bulkUpdate(
  counts: Partial<BulkUpdate["counts"]>,
  more: Partial<BulkUpdate> = {},
): BulkUpdate {
  const none = { total: 0, queued: 0, sending: 0, applied: 0, unchanged: 0, failed: 0 };
  return {
    id: "blk_1",
    label: null,
    state: "RUNNING",
    dryRun: false,
    skipUnchanged: true,
    counts: { ...none, cancelled: 0, ...counts },
    upstreamCalls: 0,
    etaSeconds: null,
    pausedReason: null,
    plan: null,
    submittedBy: "somebody",
    submittedAt: "2026-11-21T00:00:00.000Z",
    finishedAt: null,
    ...more,
  };
}
