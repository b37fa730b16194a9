import type { PassEvidence } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import type { BulkRun } from "../../src/bulk/bulk-run.ts";
import { weigh } from "../../src/bulk/weigh.ts";
import { bulkOf, row, submitBulk } from "../support/bulk.ts";
import { bulkEdges } from "../support/mortal.ts";
import { notes, rigs } from "../support/rig.ts";

const open = rigs();

test("no row is ended on what was seen of the list before a long pause", async () => {
  const rig = await open();
  const edges = bulkEdges(rig);
  const evidence: PassEvidence = { chain: "0123456789ab", pass: 1, isComplete: true };
  const state = {
    id: "r-1",
    status: "New",
    substatus: "Pending",
    eTag: '"1"',
    updatedDateTime: "2026-01-01T00:00:00Z",
    details: { notes: "as it is" },
  } as const;
  await edges.known.putMany([state], 0, { chain: evidence.chain, pass: 1 });
  const id = await submitBulk(rig, [row("r-1", notes("as it is"))]);
  const bulk = await edges.work.reload(id);
  const run = { id, bulk: () => bulk, step: async () => {} } as BulkRun;
  const sure = { doneTo: 0, evidence, readSingly: new Map<string, string>() };
  await expect(weigh(edges, run, sure)).rejects.toThrow("too old");
  expect((await bulkOf(rig, id)).counts).toMatchObject({ queued: 1, unchanged: 0 });
});
