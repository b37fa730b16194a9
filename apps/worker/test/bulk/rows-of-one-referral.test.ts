import { expect, test } from "vitest";
import {
  callsOf,
  rawRow,
  referralsOf,
  row,
  rowsOf,
  submitBulk,
  untilOver,
} from "../support/bulk.ts";
import { JANE, notes, notesOf, rigs, timesInTeam } from "../support/rig.ts";

const open = rigs();

test("rows of one referral take effect in their order", async () => {
  const rig = await open({ referrals: 40 });
  const all = await referralsOf(rig);
  rig.start();
  const rows = ["a", "b", "c"].flatMap((text) => all.map(({ id }) => row(id, notes(text))));
  const over = await untilOver(rig, await submitBulk(rig, rows));
  expect(over.counts).toMatchObject({ failed: 0, queued: 0 });
  expect(all.map(({ id }) => notesOf(rig.truth(id)))).toEqual(all.map(() => "c"));
  expect(callsOf(rig), "each lane's rows leave together").toEqual({ list: 1, get: 0, patch: 40 });
});

test("several rows that change nothing cost nothing but the list", async () => {
  const rig = await open({ referrals: 40 });
  const all = await referralsOf(rig);
  rig.start();
  const rows = [1, 2, 3].flatMap(() => all.map(({ id, details }) => row(id, notes(details.notes))));
  const over = await untilOver(rig, await submitBulk(rig, rows));
  expect(over.counts).toMatchObject({ unchanged: 120 });
  expect(callsOf(rig)).toEqual({ list: 1, get: 0, patch: 0 });
});

test("what an interactive update changed meanwhile is not overlooked", async () => {
  const rig = await open({ referrals: 20 });
  const [first, ...others] = await referralsOf(rig);
  const id = first?.id ?? "";
  // Accepted before the bulk update, and on its way when that is weighed.
  const before = await rig.submit(notes("from a person"), { referralId: id });
  const bulk = await submitBulk(rig, [
    row(id, notes(first?.details.notes ?? "")),
    ...others.map((each) => row(each.id, notes(each.details.notes))),
  ]);
  rig.start();
  await rig.queue.wake(id);
  await untilOver(rig, bulk);
  expect((await rig.update(before)).state).toBe("APPLIED");
  expect(notesOf(rig.truth(id))).toBe(first?.details.notes);
});

test("raw operations whose effect is there already are not sent; sent again they add nobody twice", async () => {
  const rig = await open({ referrals: 12 });
  const all = await referralsOf(rig);
  const patch = [
    { op: "replace", path: "/details/notes", value: "raw" },
    { op: "add", path: "/team/-", value: JANE },
  ] as const;
  rig.start();
  const rows = all.map(({ id }) => rawRow(id, patch));
  await untilOver(rig, await submitBulk(rig, rows));
  rig.simulator.control.clearRequests();
  const again = await untilOver(rig, await submitBulk(rig, rows));
  expect(again.counts).toMatchObject({ unchanged: 12 });
  expect(callsOf(rig)).toMatchObject({ get: 0, patch: 0 });
  expect(all.map(({ id }) => timesInTeam(rig.truth(id), JANE.email))).toEqual(all.map(() => 1));
});

test("a row that cannot be sent to its referral as it is fails with the reason, and a pin that is not current conflicts", async () => {
  const rig = await open({ referrals: 30 });
  const all = await referralsOf(rig);
  const closed = all.find(({ id }) => rig.truth(id).status === "Closed")?.id ?? "";
  const others = all.filter(({ id }) => id !== closed);
  rig.start();
  const id = await submitBulk(rig, [
    row(closed, { status: "Active" }),
    row(others[0]?.id ?? "", notes("pinned"), '"00000000-0000-0000-0000-000000000000"'),
    row("00000000-0000-4000-8000-00000000dead", notes("nobody")),
    ...others.slice(1).map((each) => row(each.id, notes(each.details.notes))),
  ]);
  const over = await untilOver(rig, id);
  expect(over.state).toBe("COMPLETED_WITH_ERRORS");
  const codes = (await rowsOf(rig, id)).slice(0, 3).map(({ error }) => error?.code);
  expect(codes).toEqual(["INVALID_TRANSITION", "CONFLICT", "REFERRAL_NOT_FOUND"]);
  expect(callsOf(rig)).toEqual({ list: 1, get: 1, patch: 0 });
});
