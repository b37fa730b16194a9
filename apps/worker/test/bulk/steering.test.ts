import { expect, test } from "vitest";
import {
  bulkOf,
  callsOf,
  externalRow,
  IN_THE_END,
  referralsOf,
  row,
  rowsOf,
  submitBulk,
  untilOver,
} from "../support/bulk.ts";
import { notes, notesOf, rigs } from "../support/rig.ts";

const open = rigs();

test("paused it sends nothing more; resumed it goes on where it was", async () => {
  const rig = await open({ referrals: 400, ratePerSecond: 100 });
  const all = await referralsOf(rig);
  rig.start();
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("new"))),
  );
  await expect
    .poll(async () => (await bulkOf(rig, id)).counts.applied, IN_THE_END)
    .toBeGreaterThan(3);
  await rig.queue.bulk.pause(id, "somebody");
  await expect.poll(async () => (await bulkOf(rig, id)).counts.sending, IN_THE_END).toBe(0);
  const { applied } = (await bulkOf(rig, id)).counts;
  expect(applied).toBeLessThan(400);

  // Somebody's own update of one of its referrals does not wait for it.
  const last = all.at(-1)?.id ?? "";
  const mine = await rig.submit({ name: "meanwhile" }, { referralId: last });
  await rig.queue.wake(last);
  await expect.poll(async () => (await rig.update(mine)).state, IN_THE_END).toBe("APPLIED");
  expect((await bulkOf(rig, id)).counts).toMatchObject({ applied });
  expect((await bulkOf(rig, id)).state).toBe("PAUSED");

  await rig.queue.bulk.resume(id);
  const over = await untilOver(rig, id);
  expect(over.counts.applied).toBe(400);
  expect(notesOf(rig.truth(last))).toBe("new");
  expect(callsOf(rig)).toMatchObject({ list: 4, get: 0 });
});

test("paused while it learns, it makes no calls", async () => {
  const rig = await open({ referrals: 1_000, ratePerSecond: 20 });
  const all = await referralsOf(rig);
  rig.start();
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes(each.details.notes))),
  );
  await rig.simulator.control.waitForRequest(({ path }) => path.includes("orderby"));
  await rig.queue.bulk.pause(id, "somebody");
  // One interactive update after the other, each of them a chance to make a call instead.
  for (const each of all.slice(0, 12)) {
    const mine = await rig.submit({ name: "meanwhile" }, { referralId: each.id });
    await rig.queue.wake(each.id);
    await expect.poll(async () => (await rig.update(mine)).state, IN_THE_END).toBe("APPLIED");
  }
  expect(callsOf(rig).list).toBeLessThan(6);
  await rig.queue.bulk.resume(id);
  expect((await untilOver(rig, id)).counts).toMatchObject({ unchanged: 1_000 });
  expect(callsOf(rig).list).toBeLessThanOrEqual(12);
});

test("cancelled, rows that were not sent never are", async () => {
  const rig = await open({ referrals: 300, ratePerSecond: 100 });
  const all = await referralsOf(rig);
  rig.start();
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("new"))),
  );
  await expect
    .poll(async () => (await bulkOf(rig, id)).counts.applied, IN_THE_END)
    .toBeGreaterThan(3);
  await rig.queue.bulk.cancel(id);
  const over = await untilOver(rig, id);
  expect(over.state).toBe("CANCELLED");
  expect(over.counts.applied + over.counts.cancelled).toBe(300);
  const isNew = all.map((each) => notesOf(rig.truth(each.id)) === "new");
  const rows = await rowsOf(rig, id);
  expect(rows.map(({ state }) => state === "APPLIED")).toEqual(isNew);
});

test("a retry sends the rows that failed, in place, and no others", async () => {
  const rig = await open({ referrals: 100 });
  const all = await referralsOf(rig);
  const [one, two] = all;
  for (const each of [one, two]) {
    rig.simulator.control.addFaults({
      match: { method: "PATCH", referralId: each?.id ?? "" },
      fault: { kind: "status", status: 403, code: "accessDenied" },
    });
  }
  rig.start();
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("new"))),
  );
  const first = await untilOver(rig, id);
  expect(first).toMatchObject({
    state: "COMPLETED_WITH_ERRORS",
    counts: { failed: 2, applied: 98 },
  });
  rig.simulator.control.clearFaults();
  rig.simulator.control.clearRequests();
  expect(await rig.queue.bulk.retry(id)).toMatchObject({ kind: "done" });
  const over = await untilOver(rig, id);
  expect(over).toMatchObject({ state: "COMPLETED", counts: { applied: 100 } });
  const sent = rig.requests().filter(({ method }) => method === "PATCH");
  expect(sent.map(({ referralId }) => referralId).sort()).toEqual([one?.id, two?.id].sort());
});

test("a retry looks again: what was not possible may be by now", async () => {
  const rig = await open({ referrals: 60 });
  const all = await referralsOf(rig);
  const closed = all.filter(({ id }) => rig.truth(id).status === "Closed").map(({ id }) => id);
  rig.start();
  const id = await submitBulk(rig, [
    ...closed.map((each) => row(each, { status: "Active" })),
    externalRow("CRM-yet-to-come", notes("found")),
  ]);
  const first = await untilOver(rig, id);
  expect(first.counts.failed).toBe(closed.length + 1);
  for (const each of closed) {
    const document = { ...rig.truth(each), status: "New", substatus: "Pending" };
    rig.simulator.control.putReferral(each, document as never);
  }
  const other = all.find((each) => !closed.includes(each.id))?.id ?? "";
  const document = { ...rig.truth(other), externalReferenceId: "CRM-yet-to-come" };
  rig.simulator.control.putReferral(other, document as never);
  await rig.queue.bulk.retry(id);
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ failed: 0, applied: closed.length + 1 });
  expect(closed.map((each) => rig.truth(each).status)).toEqual(closed.map(() => "Active"));
  expect(notesOf(rig.truth(other))).toBe("found");
});

test("two at once progress side by side, and what a person wants goes first", async () => {
  const rig = await open({ referrals: 600, ratePerSecond: 70 });
  const all = await referralsOf(rig);
  rig.start();
  const [half, other] = [all.slice(0, 299), all.slice(299, 598)];
  const one = await submitBulk(
    rig,
    half.map((each) => row(each.id, notes("one"))),
  );
  await expect
    .poll(async () => (await bulkOf(rig, one)).counts.applied, IN_THE_END)
    .toBeGreaterThan(0);
  const two = await submitBulk(
    rig,
    other.map((each) => row(each.id, notes("two"))),
  );
  await expect
    .poll(async () => (await bulkOf(rig, two)).counts.applied, IN_THE_END)
    .toBeGreaterThan(0);
  expect((await bulkOf(rig, one)).counts.queued, "the first one is not over").toBeGreaterThan(0);
  const mine = await rig.submit(notes("mine"), { referralId: all.at(-1)?.id ?? "" });
  await rig.queue.wake(all.at(-1)?.id ?? "");
  await expect.poll(async () => (await rig.update(mine)).state, IN_THE_END).toBe("APPLIED");
  expect((await bulkOf(rig, two)).counts.queued, "nor is the second").toBeGreaterThan(0);
  const overs = [await untilOver(rig, one), await untilOver(rig, two)];
  expect(overs.map(({ counts }) => counts.applied)).toEqual([299, 299]);
});

test("a note from before a retry, by a leader that was paused, does not keep rows from being woken", async () => {
  const rig = await open({ referrals: 5 });
  const all = await referralsOf(rig);
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("new"))),
  );
  await rig.worker.bulk.checkpoint(id, "feed", all.length);
  rig.start();
  expect((await untilOver(rig, id)).counts).toMatchObject({ applied: all.length });
});
