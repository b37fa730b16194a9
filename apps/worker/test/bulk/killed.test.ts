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
import { type Death, startMortal } from "../support/mortal.ts";
import { notes, notesOf, rigs } from "../support/rig.ts";

const open = rigs();

const DEATHS: readonly Death[] = [
  { method: "load", nth: 1, when: "after" },
  { method: "enlist", nth: 1, when: "after" },
  { method: "save", nth: 1, when: "after" },
  { method: "putMany", nth: 3, when: "after" },
  { method: "save", nth: 4, when: "after" },
  { method: "complete", nth: 1, when: "before" },
  { method: "complete", nth: 1, when: "after" },
  { method: "checkpoint", nth: 2, when: "before" },
  { method: "settle", nth: 1, when: "after" },
  { method: "settle", nth: 2, when: "before" },
  { method: "checkpoint", nth: 3, when: "after" },
  { method: "wake", nth: 1, when: "before" },
  { method: "wake", nth: 1, when: "after" },
];

test.each(DEATHS)("killed $when call $nth of $method, another one goes on", async (death) => {
  const rig = await open({ referrals: 600 });
  const all = await referralsOf(rig);
  const isChanged = (index: number): boolean => index % 20 === 0;
  const id = await submitBulk(rig, [
    ...all.map((each, index) => row(each.id, notes(isChanged(index) ? "new" : each.details.notes))),
    externalRow(all[0]?.externalReferenceId ?? "", notes("by their id")),
    externalRow("CRM-unheard-of", notes("x")),
  ]);
  await startMortal(rig, death).dead;
  rig.start();
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ total: 602, applied: 31, unchanged: 570, failed: 1 });
  const wanted = (index: number): unknown =>
    index === 0 ? "by their id" : isChanged(index) ? "new" : all[index]?.details.notes;
  expect(all.map((each) => notesOf(rig.truth(each.id)))).toEqual(all.map((_, n) => wanted(n)));
  const calls = callsOf(rig);
  // The page it died over is read again, a link that was in its hands only is not lost with it.
  expect(calls.list).toBeLessThanOrEqual(8);
  expect(calls).toMatchObject({ get: 0, patch: 30 });
  expect((await rowsOf(rig, id)).every(({ attempts }) => attempts <= 1)).toBe(true);
});

test.each<Death>([
  { method: "settle", nth: 1, when: "after" },
  { method: "setPlan", nth: 1, when: "before" },
  { method: "setPlan", nth: 1, when: "after" },
])("a dry run survives it, too: $method $when", async (death) => {
  const rig = await open({ referrals: 500 });
  const all = await referralsOf(rig);
  const rows = [1, 2].flatMap((turn) =>
    all.map((each, index) => row(each.id, notes(index < 50 ? `turn ${turn}` : each.details.notes))),
  );
  const id = await submitBulk(rig, rows, { isDryRun: true });
  await startMortal(rig, death).dead;
  rig.start();
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ applied: 100, unchanged: 900 });
  expect(over.plan?.upstreamCalls).toBe(52);
  expect(callsOf(rig)).toMatchObject({ get: 0, patch: 0 });
});
