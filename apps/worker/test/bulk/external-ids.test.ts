import { expect, test } from "vitest";
import {
  callsOf,
  externalRow,
  referralsOf,
  row,
  rowsOf,
  submitBulk,
  untilOver,
} from "../support/bulk.ts";
import { notes, notesOf, rigs } from "../support/rig.ts";

const open = rigs();

test("the list tells which referrals external ids name, and which name none or several", async () => {
  const rig = await open({ referrals: 200 });
  const all = await referralsOf(rig);
  const [one, twin] = [all[10], all[11]];
  const document = rig.truth(twin?.id);
  rig.simulator.control.putReferral(twin?.id ?? "", {
    ...document,
    externalReferenceId: one?.externalReferenceId,
  } as never);
  rig.start();
  const named = all.slice(20, 60);
  const id = await submitBulk(rig, [
    externalRow(one?.externalReferenceId ?? "", notes("ambiguous")),
    externalRow("CRM-unheard-of", notes("unknown")),
    ...named.map((each) => externalRow(each.externalReferenceId, notes("by their id"))),
    // Behind a row of the same referral that was named otherwise.
    ...named.map((each) => row(each.id, notes("by ours"))),
  ]);
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ failed: 2, queued: 0 });
  const rows = await rowsOf(rig, id);
  expect(rows[0]).toMatchObject({
    error: { code: "INVALID_CHANGE", path: "/externalReferenceId" },
  });
  expect(rows[0]?.error?.message).toMatch(/^2 referrals/);
  expect(rows[1]).toMatchObject({
    error: { code: "REFERRAL_NOT_FOUND", path: "/externalReferenceId" },
  });
  expect(rows.slice(2, 42).map(({ referralId }) => referralId)).toEqual(named.map(({ id }) => id));
  expect(named.map((each) => notesOf(rig.truth(each.id)))).toEqual(named.map(() => "by ours"));
  expect(callsOf(rig)).toMatchObject({ list: 2, get: 0 });
});

test("few external ids are looked up one by one", async () => {
  const rig = await open({ referrals: 600 });
  const all = await referralsOf(rig);
  rig.start();
  const some = all.slice(100, 102);
  const id = await submitBulk(rig, [
    externalRow(some[0]?.externalReferenceId ?? "", notes("new")),
    externalRow(some[1]?.externalReferenceId ?? "", notes(some[1]?.details.notes ?? "")),
    externalRow("it's nobody's", notes("x")),
  ]);
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ applied: 1, unchanged: 1, failed: 1 });
  expect(callsOf(rig)).toEqual({ list: 3, get: 0, patch: 1 });
  expect(rig.requests()[0]?.path).toContain("filter");
});

test("where the upstream has no such filter the whole list is read", async () => {
  const rig = await open({ referrals: 300 });
  const all = await referralsOf(rig);
  rig.simulator.control.addFaults({
    match: { pathPattern: "filter=" },
    fault: { kind: "status", status: 400, code: "invalidRequest" },
  });
  rig.start();
  const id = await submitBulk(rig, [
    externalRow(all[100]?.externalReferenceId ?? "", notes("found all the same")),
    externalRow("nobody", notes("x")),
  ]);
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ applied: 1, failed: 1 });
  expect(notesOf(rig.truth(all[100]?.id))).toBe("found all the same");
});

test("a list that may not be read fails rows that need it, and only those", async () => {
  const rig = await open({ referrals: 50 });
  const all = await referralsOf(rig);
  rig.simulator.control.addFaults({
    match: { pathPattern: "referrals(\\?.*)?$", method: "GET" },
    fault: { kind: "status", status: 403, code: "accessDenied" },
  });
  rig.start();
  const id = await submitBulk(rig, [
    externalRow(all[1]?.externalReferenceId ?? "", notes("x")),
    row(all[2]?.id ?? "", notes("y")),
  ]);
  await untilOver(rig, id);
  const rows = await rowsOf(rig, id);
  expect(rows.map(({ state, error }) => error?.code ?? state)).toEqual([
    "ACCESS_DENIED",
    "APPLIED",
  ]);
});
