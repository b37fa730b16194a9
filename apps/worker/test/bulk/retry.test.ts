import { expect, test } from "vitest";
import { externalRow, referralsOf, row, rowsOf, submitBulk, untilOver } from "../support/bulk.ts";
import { notes, rigs } from "../support/rig.ts";

const open = rigs();

test("a retry looks again: an external id that somebody has by now, a status that allows the change by now", async () => {
  const rig = await open({ referrals: 150 });
  const { control } = rig.simulator;
  const [closed, notYet, ...others] = await referralsOf(rig);
  const change = (id: string, patch: Record<string, unknown>[]): void => {
    control.changeReferrals({ ids: [id], patch: patch as never });
  };
  const position = (status: string, substatus: string) => [
    { op: "replace", path: "/status", value: status },
    { op: "replace", path: "/substatus", value: substatus },
  ];
  change(closed?.id ?? "", position("Closed", "Lost"));
  rig.start();
  const id = await submitBulk(rig, [
    row(closed?.id ?? "", { status: "Active" }),
    externalRow("not yet", notes("found")),
    ...others.map((each) => row(each.id, { status: "New", substatus: "Pending" })),
  ]);
  await untilOver(rig, id);
  const codes = async () => (await rowsOf(rig, id)).slice(0, 2).map(({ error }) => error?.code);
  expect(await codes()).toEqual(["INVALID_TRANSITION", "REFERRAL_NOT_FOUND"]);

  change(closed?.id ?? "", position("New", "Received"));
  change(notYet?.id ?? "", [{ op: "replace", path: "/externalReferenceId", value: "not yet" }]);
  expect(await rig.queue.bulk.retry(id)).toMatchObject({ kind: "done" });
  await untilOver(rig, id);
  expect(await codes()).toEqual([undefined, undefined]);
  expect(rig.truth(closed?.id)).toMatchObject({ status: "Active", substatus: "Accepted" });
  expect(rig.truth(notYet?.id)).toMatchObject({ details: { notes: "found" } });
});
