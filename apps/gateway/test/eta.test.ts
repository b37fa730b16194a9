import type { BulkUpdate, BulkUpdateCounts } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { etaSeconds, minutesOf, type Pace } from "../src/bulk/eta.ts";

const NONE = { total: 0, queued: 0, sending: 0, applied: 0, unchanged: 0, failed: 0, cancelled: 0 };

let count = 0;
function bulk(
  counts: Partial<BulkUpdateCounts>,
  upstreamCalls: number,
  more: Partial<BulkUpdate> = {},
): BulkUpdate {
  return {
    id: `blk_${count++}`,
    state: "RUNNING",
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tester",
    counts: { ...NONE, ...counts },
    upstreamCalls,
    columns: [],
    submittedAt: 0,
    isReadable: true,
    ...more,
  };
}

const pace = (ratePerSecond: number, more: Partial<Pace> = {}): Pace => ({
  ratePerSecond,
  closedForMs: 0,
  running: [],
  ...more,
});

test.each<[what: string, bulkUpdate: BulkUpdate, least: number, most: number]>([
  ["nothing is known yet: a call each", bulk({ queued: 1_000 }, 0), 100, 100],
  ["a write each", bulk({ queued: 500, applied: 500 }, 500), 50, 50],
  ["being sent is not over", bulk({ queued: 400, sending: 100, applied: 500 }, 500), 50, 50],
  ["read and write each", bulk({ queued: 500, applied: 500 }, 1_000), 85, 100],
  ["many rows in one write", bulk({ queued: 9_000, applied: 9_000 }, 900), 85, 115],
  ["nothing left to do", bulk({ applied: 10 }, 10), 0, 0],
  // The 97 rows in 100 that end without a call say nothing about the other three.
  ["most ended without a write", bulk({ queued: 300, unchanged: 9_700 }, 100), 30, 60],
  ["unusable rows cost nothing", bulk({ queued: 500, failed: 500 }, 0), 50, 50],
  // A hundred pages of the list were read before the first write.
  ["the first of many writes", bulk({ queued: 9_999, applied: 1 }, 101), 999, 2_000],
])("%s", (_what, bulkUpdate, least, most) => {
  const seconds = etaSeconds(bulkUpdate, pace(10));
  expect(seconds).toBeGreaterThanOrEqual(least);
  expect(seconds).toBeLessThanOrEqual(most);
  expect(seconds).toBe(Math.round(seconds));
});

test("a dry run only reads", () => {
  const dry = bulk({ queued: 100 }, 1_000, { isDryRun: true });
  expect(etaSeconds(dry, pace(10))).toBe(10);
});

test("others that run take equal shares, until they are through", () => {
  const own = bulk({ queued: 100 }, 0);
  const small = bulk({ queued: 20 }, 0);
  const large = bulk({ queued: 100_000 }, 0);
  expect(etaSeconds(own, pace(10, { running: [own] }))).toBe(10);
  expect(etaSeconds(own, pace(10, { running: [own, small] }))).toBe(12);
  expect(etaSeconds(own, pace(10, { running: [small, own, large] }))).toBe(22);
});

test("while the upstream wants to be left alone, nothing is sent", () => {
  const own = bulk({ queued: 100 }, 0);
  expect(etaSeconds(own, pace(10, { closedForMs: 30_000 }))).toBe(40);
});

test("minutes at a rate", () => {
  expect(minutesOf(1_140, 4.75)).toBe(4);
});
