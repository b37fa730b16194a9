import { expect, test } from "vitest";
import {
  bulkOf,
  callsOf,
  referralsOf,
  row,
  rowsOf,
  submitBulk,
  untilOver,
} from "../support/bulk.ts";
import { notes, notesOf, rigs } from "../support/rig.ts";

const open = rigs();

test("a sync costs the list and the writes that change something; the next one a look at what changed", async () => {
  const rig = await open({ referrals: 1_000 });
  const all = await referralsOf(rig);
  const isChanged = (index: number): boolean => index % 33 === 0;
  const rows = all.map(({ id, details }, index) =>
    row(id, notes(isChanged(index) ? `new ${index}` : details.notes)),
  );
  const changed = all.filter((_, index) => isChanged(index)).length;
  rig.start();
  const first = await untilOver(rig, await submitBulk(rig, rows));
  expect(first.state).toBe("COMPLETED");
  expect(first.counts).toMatchObject({ applied: changed, unchanged: 1_000 - changed });
  expect(callsOf(rig)).toEqual({ list: 10, get: 0, patch: changed });
  expect(first.upstreamCalls).toBe(10 + changed);
  expect(notesOf(rig.truth(all[33]?.id))).toBe("new 33");
  expect(rig.requests().every(({ method, ifMatch }) => method === "GET" || ifMatch !== null)).toBe(
    true,
  );

  rig.simulator.control.clearRequests();
  const again = all.map(({ id, details }, index) =>
    row(id, notes(isChanged(index) ? `newer ${index}` : details.notes)),
  );
  const second = await untilOver(rig, await submitBulk(rig, again));
  expect(second.counts).toMatchObject({ applied: changed, unchanged: 1_000 - changed });
  const calls = callsOf(rig);
  expect(calls).toMatchObject({ get: 0, patch: changed });
  expect(calls.list).toBeLessThanOrEqual(3);
});

test("what somebody else changed since the last sync is seen, and set right", async () => {
  const rig = await open({ referrals: 250 });
  const all = await referralsOf(rig);
  const rows = all.map(({ id, details }) => row(id, notes(details.notes)));
  rig.start();
  await untilOver(rig, await submitBulk(rig, rows));
  const touched = all.filter((_, index) => index % 50 === 0);
  for (const { id } of touched) {
    const document = rig.truth(id);
    const details = { ...(document.details as object), notes: "from elsewhere" };
    rig.simulator.control.putReferral(id, { ...document, details } as never);
  }
  rig.simulator.control.deleteReferral(all[33]?.id ?? "");
  rig.simulator.control.clearRequests();
  const id = await submitBulk(rig, rows);
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ applied: 5, unchanged: 244, failed: 1 });
  expect((await rowsOf(rig, id))[33]?.error?.code).toBe("REFERRAL_NOT_FOUND");
  for (const each of touched) {
    expect(notesOf(rig.truth(each.id))).toBe(each.details.notes);
  }
  expect(
    callsOf(rig),
    "a look, the proof, all of it again because one is gone; and that one",
  ).toEqual({ list: 2 + 3, get: 1, patch: 5 });
});

test("what was forgotten meanwhile is learned from the list again", async () => {
  const rig = await open({ referrals: 400 });
  const all = await referralsOf(rig);
  const rows = all.map(({ id, details }) => row(id, notes(details.notes)));
  rig.start();
  await untilOver(rig, await submitBulk(rig, rows));
  await Promise.all(all.slice(0, 300).map(({ id }) => rig.worker.known.forget(id)));
  rig.simulator.control.clearRequests();
  const over = await untilOver(rig, await submitBulk(rig, rows));
  expect(over.counts).toMatchObject({ unchanged: 400 });
  expect(callsOf(rig)).toEqual({ list: 4, get: 0, patch: 0 });
});

test("with every row changed there is no call but the list and the writes", async () => {
  const rig = await open({ referrals: 500 });
  const all = await referralsOf(rig);
  rig.start();
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("all new"))),
  );
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ applied: 500 });
  expect(callsOf(rig)).toEqual({ list: 5, get: 0, patch: 500 });
  const rows = await rowsOf(rig, id);
  expect(rows.every(({ attempts, etag }) => attempts === 1 && etag !== undefined)).toBe(true);
});

test("a few rows on many referrals are read one by one", async () => {
  const rig = await open({ referrals: 1_500 });
  const all = await referralsOf(rig);
  rig.start();
  const some = all.filter((_, index) => index % 300 === 0);
  const id = await submitBulk(
    rig,
    some.map((each) => row(each.id, notes(each.details.notes))),
  );
  expect((await untilOver(rig, id)).counts).toMatchObject({ unchanged: 5 });
  expect(callsOf(rig)).toEqual({ list: 0, get: 5, patch: 0 });
  expect((await bulkOf(rig, id)).upstreamCalls).toBe(5);
});
