import { once } from "node:events";
import { createServer } from "node:net";
import { createPartnerCenterClient } from "@patchlane/partner-center";
import type { PatchOperation, ReferralChanges } from "@patchlane/referral-patch";
import type { Lanes } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { MOST_TROUBLES } from "../src/back-off.ts";
import { processLane } from "../src/index.ts";
import {
  JANE,
  notes,
  notesOf,
  REFERRAL,
  type Rig,
  rigs,
  SOON,
  timesInTeam,
} from "./support/rig.ts";

const open = rigs();
const NEW_MEMBER: ReferralChanges = { team: { add: [JANE] } };
const APPEND: readonly PatchOperation[] = [{ op: "add", path: "/team/-", value: JANE }];

/** An account whose trouble is always found to be the update's own. */
function itsOwnFault(rig: Rig): Rig["edges"]["account"] {
  const { account } = rig.edges;
  return {
    get: () => account.get(),
    answered: (call) => account.answered(call),
    failed: async () => ({ failuresInARow: 1, isHeldAgainstUpdate: true }),
    paused: (reason) => account.paused(reason),
  };
}

const INSERT: readonly PatchOperation[] = [{ op: "add", path: "/team/0", value: JANE }];

test("being told to wait, twenty times over, costs no attempt", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH", times: 20 },
    fault: { kind: "status", status: 429, retryAfter: 0.01 },
  });
  const id = await rig.submit(notes("n"));
  expect(await rig.drain()).toEqual([]);
  expect(rig.calls()).toEqual([...Array.from({ length: 20 }, () => "PATCH 429"), "PATCH 200"]);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1, troubles: 0 });
});

test("a read that is told to wait is made again", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "GET", times: 3 },
    fault: { kind: "status", status: 503, retryAfter: 0 },
  });
  const id = await rig.submit({ status: "Active" });
  await rig.drain();
  expect(rig.calls()).toEqual(["GET 503", "GET 503", "GET 503", "GET 200", "PATCH 200"]);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
});

test.each([500, 503, 504, 423])(
  "a write that failed with %i is made again, later",
  async (status) => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", times: 3 },
      fault: { kind: "status", status },
    });
    const id = await rig.submit(notes("n"));
    const waits = await rig.drain();
    expect(waits).toHaveLength(3);
    expect(waits.every((wait) => wait > 0)).toBe(true);
    const requests = rig.requests();
    expect(rig.calls()).toEqual([
      ...Array.from({ length: 3 }, () => `PATCH ${status}`),
      "PATCH 200",
    ]);
    expect(new Set(requests.map(({ clientRequestId }) => clientRequestId)).size).toBe(4);
    // Told apart from an outage only as far as it is about this referral: the others are not held against it yet.
    const troubles = status === 423 ? 3 : 1;
    expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 4, troubles });
  },
);

test("an update that alone keeps failing is given up, and those behind it go on", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH", times: MOST_TROUBLES },
    fault: { kind: "status", status: 423 },
  });
  const id = await rig.submit(notes("1"));
  const behind = await rig.submit(notes("2"));
  await rig.drain();
  expect(await rig.update(id)).toMatchObject({
    state: "FAILED",
    attempts: MOST_TROUBLES,
    error: { code: "UPSTREAM_UNAVAILABLE", upstreamStatus: 423 },
  });
  expect((await rig.update(behind)).state).toBe("APPLIED");
});

test("answers that keep getting lost before the write end the update, and it is told that nothing arrived", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH", times: MOST_TROUBLES },
    fault: { kind: "cutBeforeWrite" },
  });
  const id = await rig.submit(notes("1"));
  const behind = await rig.submit(notes("2"));
  const edges = { ...rig.restless, account: itsOwnFault(rig) };
  for (let job = 0; job < 2 * MOST_TROUBLES; job++) {
    await processLane(edges, REFERRAL, new AbortController().signal);
  }
  expect(await rig.update(id)).toMatchObject({
    state: "FAILED",
    attempts: MOST_TROUBLES,
    error: { code: "UPSTREAM_UNAVAILABLE" },
  });
  expect((await rig.update(behind)).state).toBe("APPLIED");
});

test("an update that was written although every answer said 500 is not called failed", async () => {
  const rig = await open();
  const edges = { ...rig.restless, account: itsOwnFault(rig) };
  rig.simulator.control.addFaults({
    match: { method: "PATCH", times: MOST_TROUBLES },
    fault: { kind: "status", status: 500, isApplied: true },
  });
  const id = await rig.submit(notes("1"));
  for (let job = 0; job < 2 * MOST_TROUBLES; job++) {
    await processLane(edges, REFERRAL, new AbortController().signal);
  }
  expect(await rig.update(id)).toMatchObject({
    state: "APPLIED",
    attempts: MOST_TROUBLES,
    troubles: MOST_TROUBLES,
  });
});

test("one referral whose writes keep failing is given up also when there is no other traffic", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH", referralId: REFERRAL },
    fault: { kind: "status", status: 500 },
  });
  const edges = { ...rig.restless, account: itsOwnFault(rig) };
  const id = await rig.submit(notes("1"));
  for (let job = 0; job < 3 * MOST_TROUBLES; job++) {
    await processLane(edges, REFERRAL, new AbortController().signal);
  }
  expect(await rig.update(id)).toMatchObject({
    state: "FAILED",
    error: { code: "UPSTREAM_UNAVAILABLE" },
  });
});

test("an upstream that is down for everybody is held against nobody", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { times: 40 },
    fault: { kind: "status", status: 503 },
  });
  const plain = await rig.submit(notes("1"));
  const status = await rig.submit({ status: "Active" });
  await rig.drain();
  expect(await rig.queue.account.get()).toMatchObject({ isDown: false });
  expect((await rig.update(plain)).state).toBe("APPLIED");
  expect((await rig.update(status)).state).toBe("APPLIED");
});

test("an upstream that refuses connections is tried again, without an attempt", async () => {
  const rig = await open();
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  const port = typeof address === "object" ? address?.port : undefined;
  probe.close();
  await once(probe, "close");
  const client = createPartnerCenterClient({
    baseUrl: `http://127.0.0.1:${port}/v1.0`,
    budget: rig.worker.budget,
    tokens: rig.edges.tokens,
  });
  const id = await rig.submit(notes("n"));
  for (let n = 0; n < 10; n += 1) {
    const end = await processLane(
      { ...rig.restless, client },
      REFERRAL,
      new AbortController().signal,
    );
    expect(end.kind).toBe("later");
  }
  await client.close();
  expect(await rig.queue.account.get()).toMatchObject({ isDown: true });
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0 });
  await rig.drain();
  expect((await rig.update(id)).state).toBe("APPLIED");
});

test.each([
  ["cutBeforeWrite", ["PATCH cut", "GET 200", "PATCH 200"], 2],
  ["cutAfterWrite", ["PATCH cut", "GET 200"], 1],
] as const)(
  "a replacement whose answer was lost (%s) takes effect once",
  async (fault, calls, attempts) => {
    const rig = await open();
    rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault });
    const id = await rig.submit(notes("n"));
    await rig.drain();
    expect(rig.calls()).toEqual(calls);
    expect(rig.requests().filter(({ applied }) => applied)).toHaveLength(1);
    expect(notesOf(rig.truth())).toBe("n");
    expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts });
    const writes = rig.requests().filter(({ method }) => method === "PATCH");
    expect(new Set(writes.map(({ requestId }) => requestId)).size).toBe(1);
    expect(new Set(writes.map(({ clientRequestId }) => clientRequestId)).size).toBe(writes.length);
  },
);

test.each([
  ["cutBeforeWrite", "a raw append", APPEND],
  ["cutAfterWrite", "a raw append", APPEND],
  ["cutAfterWrite", "a raw insert at a position", INSERT],
  ["cutBeforeWrite", "a new member", NEW_MEMBER],
  ["cutAfterWrite", "a new member", NEW_MEMBER],
] as const)("with its answer lost (%s), %s is there exactly once", async (fault, _name, wanted) => {
  const rig = await open();
  rig.simulator.control.addFaults({ match: { method: "PATCH", nth: [1, 2] }, fault });
  const id = await rig.submit(wanted);
  await rig.drain();
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect((await rig.update(id)).state).toBe("APPLIED");
});

test.each([
  [500, APPEND],
  [504, APPEND],
  [500, INSERT],
] as const)(
  "an append answered with %i after it was applied is not made again",
  async (status, patch) => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 1 },
      fault: { kind: "status", status, isApplied: true },
    });
    const id = await rig.submit(patch);
    await rig.drain();
    expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
    expect((await rig.update(id)).state).toBe("APPLIED");
  },
);

test("an answer that never comes is given up and looked into", async () => {
  const rig = await open({ timeoutMs: 1_000 });
  rig.simulator.control.addFaults({
    match: { method: "PATCH", nth: 1 },
    fault: { kind: "hang", isApplied: true },
  });
  const id = await rig.submit(APPEND);
  await rig.drain();
  expect(rig.calls()).toEqual(["GET 200", "PATCH abandoned", "GET 200"]);
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect((await rig.update(id)).state).toBe("APPLIED");
});

test("an outcome that cannot be read is said to be unknown, and those behind go on", async () => {
  const rig = await open();
  rig.simulator.control.addFaults([
    { match: { method: "PATCH", nth: 1 }, fault: "cutAfterWrite" },
    { match: { method: "GET" }, fault: { kind: "status", status: 403 } },
  ]);
  const id = await rig.submit(notes("1"), { ifMatch: String(rig.truth().eTag) });
  const behind = await rig.submit(notes("2"));
  await rig.drain();
  expect(await rig.update(id)).toMatchObject({
    state: "FAILED",
    error: { code: "OUTCOME_UNKNOWN" },
  });
  expect((await rig.update(behind)).state).toBe("APPLIED");
});

test("a worker that died in the middle of a write leaves it to the next one to find out", async () => {
  const rig = await open();
  const id = await rig.submit(APPEND);
  const claim = await rig.worker.lanes.claim(REFERRAL);
  if (claim.kind !== "claimed") {
    throw new Error("the lane is not free");
  }
  const { referral, etag } = await rig.edges.client.getReferral(REFERRAL);
  expect(referral.id).toBe(REFERRAL);
  const attempt = {
    updateIds: [id],
    patch: [...APPEND],
    ifMatch: etag,
    requestId: crypto.randomUUID(),
    clientRequestId: crypto.randomUUID(),
  };
  await claim.lease.begin(attempt);
  await rig.edges.client.patchReferral({ id: REFERRAL, ...attempt });
  await claim.lease.handBack();
  await rig.drain();
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
});

test("an update cancelled while it waits for its turn is not written", async () => {
  const rig = await open();
  await rig.worker.budget.throttled({ retryAfterMs: 300 });
  const id = await rig.submit(notes("1"));
  const behind = await rig.submit(notes("2"));
  const drained = rig.drain();
  expect(await rig.queue.ledger.cancel(id)).toBe("CANCELLED");
  await drained;
  expect((await rig.update(id)).state).toBe("CANCELLED");
  expect((await rig.update(behind)).state).toBe("APPLIED");
  expect(rig.calls()).toEqual(["PATCH 200"]);
});

test("a worker told to stop hands back what waits for its turn, untouched", async () => {
  const rig = await open();
  await rig.worker.budget.throttled({ retryAfterMs: 60_000 });
  const plain = await rig.submit(notes("1"));
  const stopping = new AbortController();
  const ended = rig.run(REFERRAL, stopping.signal);
  stopping.abort();
  expect(await ended).toEqual({ kind: "handedBack" });
  expect(await rig.update(plain)).toMatchObject({ state: "QUEUED", attempts: 0 });
  expect(rig.calls()).toEqual([]);
  expect((await rig.another().worker.lanes.claim(REFERRAL)).kind).toBe("claimed");
});

test("a worker told to stop lets the write under way finish, and starts no other", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH" },
    fault: { kind: "latency", ms: 150 },
  });
  const first = await rig.submit(notes("1"));
  const stopping = new AbortController();
  const ended = rig.run(REFERRAL, stopping.signal);
  await expect.poll(() => rig.calls(), SOON).toEqual(["PATCH open"]);
  const second = await rig.submit(notes("2"));
  stopping.abort();
  expect(await ended).toEqual({ kind: "handedBack" });
  expect(rig.calls()).toEqual(["PATCH 200"]);
  expect((await rig.update(first)).state).toBe("APPLIED");
  expect((await rig.update(second)).state).toBe("QUEUED");
});

/** Lanes whose lease is gone by the time the worker wants to write. */
function losing(rig: Rig, then: () => Promise<unknown> = async () => {}): Lanes {
  return {
    rest: (referralId, restMs) => rig.edges.lanes.rest(referralId, restMs),
    claim: async (referralId) => {
      const claim = await rig.edges.lanes.claim(referralId);
      if (claim.kind === "claimed") {
        const { lease } = claim;
        const look = lease.atClaim.bind(lease);
        lease.atClaim = async () => {
          const view = await look();
          await lease.handBack();
          await then();
          return view;
        };
      }
      return claim;
    },
  };
}

test("a lane whose lease ran out, with nobody else taking it, is looked at again", async () => {
  const rig = await open();
  const id = await rig.submit(notes("1"));
  const edges = { ...rig.edges, lanes: losing(rig) };
  const end = await processLane(edges, REFERRAL, new AbortController().signal);
  expect(end.kind).toBe("later");
  expect(rig.calls()).toEqual([]);
  const consumer = rig.worker.consume({
    concurrency: 1,
    process: (referralId, stopping) => processLane(rig.edges, referralId, stopping),
  });
  await expect.poll(async () => (await rig.update(id)).state, SOON).toBe("APPLIED");
  await consumer.close();
});

test("a worker that lost its lane to another writes nothing", async () => {
  const rig = await open();
  const id = await rig.submit(notes("1"));
  const other = rig.another().worker;
  const edges = { ...rig.edges, lanes: losing(rig, () => other.lanes.claim(REFERRAL)) };
  await processLane(edges, REFERRAL, new AbortController().signal);
  expect(rig.calls()).toEqual([]);
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0 });
  expect((await rig.run()).kind).toBe("later"); // the other one's lane now
});
