import type { BulkUpdate } from "../../src/index.ts";

export function bulkUpdate(more: {
  state?: BulkUpdate["state"];
  counts?: Partial<BulkUpdate["counts"]>;
}): BulkUpdate {
  const counts = { total: 10, queued: 0, sending: 0, applied: 0, unchanged: 0, failed: 0 };
  return {
    id: "blk_1",
    label: null,
    dryRun: false,
    skipUnchanged: true,
    plan: null,
    upstreamCalls: 0,
    etaSeconds: null,
    pausedReason: null,
    submittedBy: "somebody",
    submittedAt: "2026-11-21T00:00:00.000Z",
    finishedAt: null,
    state: more.state ?? "RUNNING",
    counts: { ...counts, cancelled: 0, ...more.counts },
  };
}
