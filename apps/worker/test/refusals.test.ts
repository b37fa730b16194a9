import { expect, test } from "vitest";
import { JANE, notes, notesOf, REFERRAL, rigs, timesInTeam } from "./support/rig.ts";

const open = rigs();

test.each([
  [403, "ACCESS_DENIED"],
  [404, "REFERRAL_NOT_FOUND"],
  [410, "REFERRAL_NOT_FOUND"],
  [400, "INVALID_CHANGE"],
  [409, "INVALID_CHANGE"],
  [422, "INVALID_CHANGE"],
] as const)(
  "a write refused with %i fails as %s, and those behind it go on",
  async (status, code) => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 1 },
      fault: { kind: "status", status, code: "someCode" },
    });
    // Pinned, so that it stands alone.
    const refused = await rig.submit([{ op: "replace", path: "/details/notes", value: "1" }], {
      ifMatch: String(rig.truth().eTag),
    });
    const behind = await rig.submit(notes("2"));
    expect(await rig.drain()).toEqual([]);
    expect(rig.calls()).toEqual([`PATCH ${status}`, "PATCH 200"]);
    expect(await rig.update(refused)).toMatchObject({
      state: "FAILED",
      attempts: 1,
      error: {
        code,
        upstreamStatus: status,
        upstreamCode: "someCode",
        clientRequestId: rig.requests()[0]?.clientRequestId,
      },
      clientRequestId: rig.requests()[0]?.clientRequestId,
    });
    expect((await rig.update(behind)).state).toBe("APPLIED");
    expect(notesOf(rig.truth())).toBe("2");
  },
);

test("typed changes refused as they are, are not sent again unless the referral's state makes another patch of them", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH" },
    fault: { kind: "status", status: 400, code: "invalidRequest" },
  });
  const id = await rig.submit(notes("refused"));
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 400", "GET 200"]);
  expect(await rig.update(id)).toMatchObject({
    state: "FAILED",
    attempts: 1,
    error: { code: "INVALID_CHANGE", upstreamStatus: 400 },
  });
});

test.each([409, 413, 415, 501, 507])(
  "typed changes refused with %i cost one call",
  async (status) => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH" },
      fault: { kind: "status", status },
    });
    const id = await rig.submit(notes("refused"));
    await rig.drain();
    expect(rig.calls()).toEqual([`PATCH ${status}`]);
    expect(await rig.update(id)).toMatchObject({ state: "FAILED", attempts: 1 });
  },
);

test.each([
  [403, "ACCESS_DENIED"],
  [404, "REFERRAL_NOT_FOUND"],
] as const)(
  "a read refused with %i fails the update as %s without a write",
  async (status, code) => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "GET" },
      fault: { kind: "status", status },
    });
    const id = await rig.submit({ status: "Active" });
    await rig.drain();
    expect(rig.calls()).toEqual([`GET ${status}`]);
    expect(await rig.update(id)).toMatchObject({ state: "FAILED", attempts: 0, error: { code } });
  },
);

test("a referral that is gone fails its updates one by one", async () => {
  const rig = await open();
  rig.simulator.control.deleteReferral(REFERRAL);
  const ids = [await rig.submit(notes("1")), await rig.submit({ status: "Active" })];
  await rig.drain();
  for (const id of ids) {
    expect(await rig.update(id)).toMatchObject({ error: { code: "REFERRAL_NOT_FOUND" } });
  }
});

test("a transition the rules forbid fails without a call, decided on what the last write answered", async () => {
  const rig = await open();
  await rig.submit({ status: "Closed", substatus: "Won" });
  const back = await rig.submit({ status: "Active" });
  const behind = await rig.submit(notes("still"));
  await rig.drain();
  expect(rig.calls()).toEqual(["GET 200", "PATCH 200", "PATCH 200"]);
  expect(await rig.update(back)).toMatchObject({
    state: "FAILED",
    attempts: 0,
    error: { code: "INVALID_TRANSITION" },
  });
  expect((await rig.update(behind)).state).toBe("APPLIED");
  expect(rig.truth()).toMatchObject({ status: "Closed", details: { notes: "still" } });
});

test("somebody else writing first is noticed, read and built upon", async () => {
  const rig = await open();
  const patch = [{ op: "add", path: "/team/-", value: { ...JANE, email: "other@x.example" } }];
  rig.simulator.control.addFaults({
    match: { method: "PATCH", nth: [1, 2] },
    fault: { kind: "intruder", patch },
  });
  const id = await rig.submit({ team: { add: [JANE] } });
  await rig.drain();
  expect(rig.calls()).toEqual([
    "GET 200",
    "PATCH 412",
    "GET 200",
    "PATCH 412",
    "GET 200",
    "PATCH 200",
  ]);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED" });
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect(timesInTeam(rig.truth(), "other@x.example")).toBe(2);
});

test("what somebody else made impossible meanwhile is not forced", async () => {
  const rig = await open();
  const patch = [
    { op: "replace", path: "/status", value: "Closed" },
    { op: "replace", path: "/substatus", value: "Lost" },
  ];
  rig.simulator.control.addFaults({
    match: { method: "PATCH", nth: 1 },
    fault: { kind: "intruder", patch },
  });
  const id = await rig.submit({ status: "Active" });
  await rig.drain();
  expect(await rig.update(id)).toMatchObject({ error: { code: "INVALID_TRANSITION" } });
  expect(rig.truth()).toMatchObject({ status: "Closed", substatus: "Lost" });
});

test("somebody who always writes first wins in the end", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({ match: { method: "PATCH" }, fault: "intruder" });
  const id = await rig.submit({ status: "Active" });
  const waits = await rig.drain();
  expect(await rig.update(id)).toMatchObject({ state: "FAILED", error: { code: "CONFLICT" } });
  expect(waits.length).toBeGreaterThan(5);
  expect(rig.truth()).toMatchObject({ status: "New" });
});

test("one conflict after a long outage is one conflict", async () => {
  const rig = await open();
  rig.simulator.control.addFaults([
    {
      match: { times: 20 },
      fault: { kind: "status", status: 503 },
    },
    { match: { method: "PATCH", nth: 1 }, fault: "intruder" },
  ]);
  const id = await rig.submit({ status: "Active" });
  for (let n = 0; n < 5; n += 1) {
    await rig.worker.account.failed(); // down for everybody
  }
  await rig.drain();
  expect(rig.calls().filter((call) => call === "PATCH 412")).toHaveLength(1);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED" });
});

test("a pinned ETag that is no longer current is a conflict, and nothing is written", async () => {
  const rig = await open();
  const pinned = String(rig.truth().eTag);
  rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault: "intruder" });
  const id = await rig.submit(notes("mine"), { ifMatch: pinned });
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 412", "GET 200"]); // the read names the current ETag
  const { error, state } = await rig.update(id);
  expect({ state, code: error?.code }).toEqual({ state: "FAILED", code: "CONFLICT" });
  expect(error?.message).toContain(pinned);
  expect(notesOf(rig.truth())).not.toBe("mine");
});

test("a pinned ETag that is current is sent, also when state is needed", async () => {
  const rig = await open();
  const ifMatch = String(rig.truth().eTag);
  const id = await rig.submit({ status: "Active" }, { ifMatch });
  const stale = await rig.submit({ status: "Closed", substatus: "Won" }, { ifMatch });
  await rig.drain();
  expect(rig.requests().find(({ method }) => method === "PATCH")?.ifMatch).toBe(ifMatch);
  expect((await rig.update(id)).state).toBe("APPLIED");
  expect(await rig.update(stale)).toMatchObject({ error: { code: "CONFLICT" }, attempts: 0 });
  expect(rig.truth()).toMatchObject({ status: "Active" });
});

test("a refusal is an answer: it ends what looked like an outage", async () => {
  const rig = await open();
  for (let n = 0; n < 5; n += 1) {
    await rig.worker.account.failed();
  }
  await rig.worker.account.paused("no sign-in");
  rig.simulator.control.addFaults({
    match: { method: "PATCH" },
    fault: { kind: "status", status: 403 },
  });
  await rig.submit(notes("1"));
  await rig.drain();
  expect(await rig.queue.account.get()).toEqual({
    isDown: false,
    isUnproven: false,
    failuresInARow: 0,
    pausedReason: undefined,
  });
});

test("what was refused says, too, which version of the referral was known before", async () => {
  const rig = await open();
  await rig.submit(notes("known"));
  await rig.drain();
  const id = await rig.submit([{ op: "replace", path: "/customerProfile/noSuchMember", value: 1 }]);
  await rig.drain();
  expect(await rig.update(id)).toMatchObject({ state: "FAILED", etagBefore: rig.truth().eTag });
});
