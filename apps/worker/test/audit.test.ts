import { expect, test } from "vitest";
import { notes, REFERRAL, rigs } from "./support/rig.ts";

const open = rigs();

test("what left together is in the audit with one call, each with its own patch and who it travelled with", async () => {
  const rig = await open();
  await rig.submit(notes("before"));
  await rig.drain();
  const etagBefore = rig.truth().eTag;
  const ids = [await rig.submit(notes("one")), await rig.submit({ name: "two" })];
  const refused = await rig.submit(notes("pinned"), { ifMatch: '"stale"' });
  await rig.drain();

  const { entries } = await rig.queue.audit.list({ first: 10, referralId: REFERRAL });
  const write = rig.requests().find(({ body }) => Array.isArray(body) && body.length === 2);
  const travelled = {
    state: "APPLIED",
    attempts: 1,
    requestId: write?.requestId,
    clientRequestId: write?.clientRequestId,
    etagBefore,
    etag: rig.truth().eTag,
  };
  const patchOf = (path: string, value: string) => [{ op: "replace", path, value }];
  expect(entries).toMatchObject([
    { updateId: refused, state: "FAILED", content: { error: { code: "CONFLICT" } } },
    {
      ...travelled,
      updateId: ids[1],
      mergedWith: [ids[0]],
      content: { submittedBy: "tests", patch: patchOf("/name", "two") },
    },
    {
      ...travelled,
      updateId: ids[0],
      mergedWith: [ids[1]],
      content: { submittedBy: "tests", patch: patchOf("/details/notes", "one") },
    },
    { state: "APPLIED", mergedWith: [] },
  ]);
  expect(entries).toHaveLength(4);
});
