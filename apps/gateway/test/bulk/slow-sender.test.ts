import type { NewBulkRow } from "@patchlane/update-queue";
import { afterEach, expect, test, vi } from "vitest";
import { takeRows } from "../../src/bulk/take-rows.ts";
import { uploadSource } from "../../src/bulk/upload-source.ts";

afterEach(() => void vi.useRealTimers());

test("an intake whose sender is slow shows signs of life until it ends, and none after", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const added: (readonly NewBulkRow[])[] = [];
  const intake = {
    bulkUpdateId: "blk_slow",
    add: async (rows: readonly NewBulkRow[]) => void added.push(rows),
    commit: async () => {},
    discard: async () => {},
  };
  async function* body(): AsyncGenerator<Buffer> {
    for (const referralId of ["r-1", "r-2"]) {
      yield Buffer.from(`${JSON.stringify({ referralId, changes: { name: "x" } })}\n`);
      vi.advanceTimersByTime(60_000);
    }
  }
  await takeRows(
    { begin: async () => ({ kind: "open", intake }) },
    { isDryRun: false, skipUnchanged: true, submittedBy: "tester" },
    uploadSource({ format: "ndjson", body: body(), optionsForDigest: "", maxRows: 10 }),
  );
  expect(added.filter((rows) => rows.length === 0).length).toBeGreaterThanOrEqual(4);
  expect(added.at(-1)).toHaveLength(2);
  const before = added.length;
  vi.advanceTimersByTime(600_000);
  expect(added).toHaveLength(before);
});
