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
import { notes, rigs } from "../support/rig.ts";

const open = rigs();

test("a dry run says what the real run then does, and writes nothing", async () => {
  const rig = await open({ referrals: 120 });
  const all = await referralsOf(rig);
  const closed = all.find(({ id }) => rig.truth(id).status === "Closed");
  const others = all.filter((each) => each !== closed);
  const rows = [
    row(closed?.id ?? "", { status: "New" }),
    row("00000000-0000-4000-8000-00000000dead", notes("nobody")),
    externalRow("CRM-unheard-of", notes("unknown")),
    externalRow(others[0]?.externalReferenceId ?? "", notes("first")),
    row(others[0]?.id ?? "", { name: "second" }),
    row(others[0]?.id ?? "", notes("first")),
    ...others
      .slice(1)
      .map((each, index) => row(each.id, notes(index < 10 ? "changed" : each.details.notes))),
  ];
  rig.start();
  const planned = await submitBulk(rig, rows, { isDryRun: true });
  const dry = await untilOver(rig, planned);
  expect(dry.state).toBe("COMPLETED_WITH_ERRORS");
  expect(callsOf(rig)).toEqual({ list: 2, get: 1, patch: 0 });
  const plan = await rowsOf(rig, planned);
  expect(plan[3]).toMatchObject({
    state: "APPLIED",
    referralId: others[0]?.id,
    patch: [{ op: "replace", path: "/details/notes", value: "first" }],
    attempts: 0,
  });
  expect(plan[4]?.patch).toEqual([{ op: "replace", path: "/name", value: "second" }]);
  expect(plan[5]?.state, "what the rows before leave").toBe("UNCHANGED");
  expect(plan[0]).toMatchObject({ error: { code: "INVALID_TRANSITION" } });
  expect((await rig.queue.ledger.counts()).APPLIED, "no update of anybody").toBe(0);

  rig.simulator.control.clearRequests();
  const real = await submitBulk(rig, rows);
  const over = await untilOver(rig, real);
  const fates = (found: Awaited<ReturnType<typeof rowsOf>>) =>
    found.map(({ state, error }) => error?.code ?? state);
  expect(fates(await rowsOf(rig, real))).toEqual(fates(plan));
  expect(rig.requests()).toHaveLength(dry.plan?.upstreamCalls ?? -1);
  expect(over.counts.applied).toBe(12);
});

test("a dry run of rows that are sent as they are still finds the ones that lead nowhere", async () => {
  const rig = await open({ referrals: 3 });
  const [one, two] = await referralsOf(rig);
  rig.start();
  const id = await submitBulk(
    rig,
    [
      row(one?.id ?? "", notes(one?.details.notes ?? "")),
      row("00000000-0000-4000-8000-00000000dead", notes("nobody")),
      row(two?.id ?? "", notes("x"), '"not-this-one"'),
    ],
    { isDryRun: true, skipUnchanged: false },
  );
  await untilOver(rig, id);
  const rows = await rowsOf(rig, id);
  expect(rows.map(({ state, error }) => error?.code ?? state)).toEqual([
    "APPLIED",
    "REFERRAL_NOT_FOUND",
    "CONFLICT",
  ]);
  expect(callsOf(rig)).toEqual({ list: 0, get: 3, patch: 0 });
});
