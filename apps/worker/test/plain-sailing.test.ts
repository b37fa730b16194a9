import { expect, test } from "vitest";
import { processLane } from "../src/index.ts";
import { JANE, notes, notesOf, REFERRAL, rigs, SOON, timesInTeam } from "./support/rig.ts";

const open = rigs();

test("plain fields cost one call, and the update says what became of it", async () => {
  const rig = await open();
  const id = await rig.submit({ name: "New name", details: { notes: "n", dealValue: "10000" } });
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 200"]);
  const [request] = rig.requests();
  expect(request).toMatchObject({ prefer: "return=representation", ifMatch: null });
  expect(rig.truth()).toMatchObject({ name: "New name", details: { notes: "n" } });
  expect(await rig.update(id)).toMatchObject({
    state: "APPLIED",
    attempts: 1,
    etag: rig.truth().eTag,
    clientRequestId: request?.clientRequestId,
    requestId: request?.requestId,
    patch: request?.body,
  });
});

test("a status change reads first, and writes only what it has read", async () => {
  const rig = await open();
  const etag = rig.truth().eTag;
  const id = await rig.submit({ status: "Active" });
  await rig.drain();
  expect(rig.calls()).toEqual(["GET 200", "PATCH 200"]);
  expect(rig.requests()[1]?.ifMatch).toBe(etag);
  expect(rig.truth()).toMatchObject({ status: "Active", substatus: "Accepted" });
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
});

test("what a write answered is known: the next decision costs no read", async () => {
  const rig = await open();
  await rig.submit(notes("n"));
  await rig.drain();
  await rig.submit({ status: "Active" });
  await rig.submit({ status: "Closed", substatus: "Won" });
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 200", "PATCH 200", "PATCH 200"]);
  const [first, second, third] = rig.requests();
  expect(second?.ifMatch).toBe(first?.etagAfter);
  expect(third?.ifMatch).toBe(second?.etagAfter);
  expect(rig.truth()).toMatchObject({ status: "Closed", substatus: "Won" });
});

test.each(["noRepresentation", "garbageBody", "truncatedBody"] as const)(
  "a write answered without a usable body (%s) is applied all the same, once",
  async (fault) => {
    const rig = await open();
    rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault });
    const id = await rig.submit(notes("n"));
    await rig.drain();
    const next = await rig.submit({ status: "Active" });
    await rig.drain();
    expect(rig.calls().filter((call) => call.startsWith("PATCH"))).toHaveLength(2);
    expect(await rig.update(id)).toMatchObject({ state: "APPLIED" });
    expect(await rig.update(next)).toMatchObject({ state: "APPLIED" });
    expect(rig.truth()).toMatchObject({ status: "Active" });
  },
);

test("a person added twice is in the team once", async () => {
  const rig = await open();
  const first = await rig.submit({ team: { add: [JANE] } });
  const again = await rig.submit({ team: { add: [{ ...JANE, email: JANE.email.toUpperCase() }] } });
  await rig.drain();
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect((await rig.update(first)).state).toBe("APPLIED");
  expect((await rig.update(again)).state).toBe("UNCHANGED");
  expect(rig.requests().filter(({ applied }) => applied)).toHaveLength(1);
});

test("that nothing needs writing is never decided from memory", async () => {
  const rig = await open();
  await rig.submit({ status: "Active" });
  await rig.drain();
  rig.simulator.control.putReferral(REFERRAL, {
    ...rig.simulator.control.referral(REFERRAL),
    status: "New",
    substatus: "Pending",
  });
  const id = await rig.submit({ status: "Active" });
  await rig.drain();
  expect(rig.truth()).toMatchObject({ status: "Active" });
  expect((await rig.update(id)).state).toBe("APPLIED");
});

test("a raw append is guarded by the ETag it was decided on", async () => {
  const rig = await open();
  const etag = rig.truth().eTag;
  const id = await rig.submit([{ op: "add", path: "/team/-", value: JANE }]);
  await rig.drain();
  expect(rig.calls()).toEqual(["GET 200", "PATCH 200"]);
  expect(rig.requests()[1]?.ifMatch).toBe(etag);
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect((await rig.update(id)).state).toBe("APPLIED");
});

test("a member that is absent upstream is added after its replacement was refused", async () => {
  const rig = await open();
  const { statusReason: _absent, ...document } = rig.truth();
  rig.simulator.control.putReferral(REFERRAL, document as never);
  const id = await rig.submit({ statusReason: "because" });
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 400", "GET 200", "PATCH 200"]);
  expect(rig.truth()).toMatchObject({ statusReason: "because" });
  expect(await rig.update(id)).toMatchObject({
    state: "APPLIED",
    patch: [{ op: "add", path: "/statusReason", value: "because" }],
  });
});

test("so it is with a pinned ETag", async () => {
  const rig = await open();
  const { statusReason: _absent, ...document } = rig.truth();
  const { eTag } = rig.simulator.control.putReferral(REFERRAL, document as never);
  const id = await rig.submit({ statusReason: "because" }, { ifMatch: String(eTag) });
  await rig.drain();
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED" });
  expect(rig.truth()).toMatchObject({ statusReason: "because" });
});

test("thirty updates of a referral take effect in their order, by two workers at once", async () => {
  const rig = await open();
  const texts = Array.from({ length: 30 }, (_, n) => `note ${n}`);
  const consumers = [rig, rig.another()].map(({ worker, edges }) =>
    worker.consume({
      concurrency: 4,
      process: (referralId, stopping) => processLane(edges, referralId, stopping),
    }),
  );
  const ids: string[] = [];
  for (const text of texts) {
    ids.push(await rig.submit(notes(text)));
    await rig.queue.wake(REFERRAL);
  }
  await expect.poll(() => rig.queue.ledger.counts(), SOON).toMatchObject({ APPLIED: 30 });
  await Promise.all(consumers.map((consumer) => consumer.close()));
  const written = rig.requests().map(({ body }) => (body as { value: string }[])[0]?.value ?? "");
  const places = written.map((text) => texts.indexOf(text));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  for (const id of ids) {
    expect(await rig.update(id)).toMatchObject({ attempts: 1 });
  }
  expect(notesOf(rig.truth())).toBe("note 29");
  expect(rig.simulator.control.state().counters.maxConcurrentWritesPerReferral).toBe(1);
});

test("many referrals at once, by two workers: every update once, never two writes to one referral", async () => {
  const rig = await open();
  const page = (await rig.edges.client.listReferrals()[Symbol.asyncIterator]().next()).value;
  const referrals = page?.referrals.map(({ id }: { id: string }) => id) ?? [];
  rig.simulator.control.clearRequests();
  rig.simulator.control.addFaults({
    match: { method: "PATCH" },
    fault: { kind: "latency", ms: 3 },
  });
  await Promise.all(
    referrals.flatMap((referralId: string) =>
      Array.from({ length: 8 }, async (_, n) => {
        await rig.submit(notes(`${n}`), { referralId });
        await rig.queue.wake(referralId);
      }),
    ),
  );
  const consumers = [rig, rig.another()].map(({ worker, edges }) =>
    worker.consume({
      concurrency: 8,
      process: (referralId, stopping) => processLane(edges, referralId, stopping),
    }),
  );
  await expect
    .poll(() => rig.queue.ledger.counts(), SOON)
    .toMatchObject({ APPLIED: referrals.length * 8, QUEUED: 0, SENDING: 0, FAILED: 0 });
  await Promise.all(consumers.map((consumer) => consumer.close()));
  const { counters } = rig.simulator.control.state();
  expect(counters).toMatchObject({
    applied: referrals.length, // eight pending updates leave as one
    maxConcurrentWritesPerReferral: 1,
  });
});
