import { expect, test } from "vitest";
import { LaneLostError } from "../src/index.ts";
import { type Account, privateRedis, SOON } from "./support/private-redis.ts";
import {
  accept,
  begin,
  claim,
  counts,
  expectCountsToAddUp,
  finish,
  notes,
  pendingIn,
  REFERRAL,
  stateOf,
} from "./support/updates.ts";

const redis = privateRedis();
const RETENTION_MS = 60_000;

async function lane(updates = 1) {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ retentionMs: RETENTION_MS });
  const worker = account.openLaneQueue({ retentionMs: RETENTION_MS });
  const ids: string[] = [];
  for (let n = 1; n <= updates; n += 1) {
    ids.push(await accept(queue, notes(`${n}`)));
  }
  const [first = "", second = "", third = ""] = ids;
  return { account, queue, worker, first, second, third };
}

test("a GUID in either case is one referral, other ids are what they are", async () => {
  const { worker, queue } = await lane(0);
  const guid = "61C65491-2F2C-461A-84B4-3654499BC1D9";
  const ids = [
    await accept(queue, notes("1", { referralId: guid })),
    await accept(queue, notes("2", { referralId: guid.toLowerCase() })),
    await accept(queue, notes("3", { referralId: "Ref-A" })),
    await accept(queue, notes("4", { referralId: "ref-a" })),
  ];
  const pendingOf = async (referralId: string): Promise<string[]> => {
    const claimed = await worker.lanes.claim(referralId);
    if (claimed.kind !== "claimed") {
      throw new Error(claimed.kind);
    }
    const pending = await pendingIn(claimed.lease);
    await claimed.lease.handBack();
    return pending.map(({ id }) => id);
  };
  expect(await pendingOf(guid)).toEqual(ids.slice(0, 2));
  expect(await pendingOf("Ref-A")).toEqual([ids[2]]);
});

test("an update whose record is gone does not block those behind it", async () => {
  const { account, worker, first, second } = await lane(2);
  await redis.admin.del(account.keys.update(first));
  const lease = await claim(worker);
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([second]);
  await lease.handBack();
});

/** What happens to a worker that was paused for longer than its lease. */
async function expireLease({ keys }: Account): Promise<void> {
  expect(await redis.admin.del(keys.laneOwner(REFERRAL))).toBe(1);
}

test("a lane has one owner at a time", async () => {
  const { account, worker } = await lane();
  const lease = await claim(worker);
  expect(await account.openLaneQueue().lanes.claim(REFERRAL)).toEqual({
    kind: "busy",
    retryInMs: expect.closeTo(15_000, -4),
  });
  await lease.handBack();
  await (await claim(worker)).handBack();
});

test("of many that claim at once one gets it", async () => {
  const { account } = await lane();
  const workers = [account.openLaneQueue(), account.openLaneQueue()];
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, n) => workers[n % 2]?.lanes.claim(REFERRAL)),
  );
  const won = claims.filter((result) => result?.kind === "claimed");
  expect(won).toHaveLength(1);
  expect(claims.filter((result) => result?.kind === "busy")).toHaveLength(19);
  for (const result of won) {
    await (result?.kind === "claimed" && result.lease.handBack());
  }
});

test("an empty lane is not claimed", async () => {
  const { account, worker, queue, first } = await lane();
  expect(await worker.lanes.claim("nobody")).toEqual({ kind: "empty" });
  await queue.ledger.cancel(first);
  expect(await worker.lanes.claim(REFERRAL)).toEqual({ kind: "empty" });
  expect(await redis.admin.exists(account.keys.lanesWaiting)).toBe(0);
});

test.each(["begin", "settle", "look"] as const)(
  "after its lease ran out and another worker took over, %s is refused and touches nothing",
  async (verb) => {
    const { account, worker, queue, first, second } = await lane(2);
    const paused = await claim(worker);
    await expireLease(account);
    const successor = await claim(account.openLaneQueue());
    const before = await account.dump();

    const late = {
      begin: () => begin(paused, first),
      settle: () => paused.settle([{ id: first, state: "FAILED" }], false),
      look: () => paused.look(),
    }[verb]();
    await expect(late).rejects.toThrow(LaneLostError);
    expect(paused.lost.aborted).toBe(true);
    await paused.handBack();
    expect(await account.dump()).toEqual(before);

    expect((await pendingIn(successor)).map(({ id }) => id)).toEqual([first, second]);
    await finish(successor);
    expect(await counts(queue)).toEqual({ APPLIED: 2 });
  },
);

test("a late settle does not trim what its successor has still to do", async () => {
  const { account, worker, queue, first, second, third } = await lane(3);
  const paused = await claim(worker);
  await begin(paused, first);
  await expireLease(account);
  const successor = await claim(account.openLaneQueue());
  await successor.settle([{ id: first, state: "APPLIED" }], true);
  await expect(
    paused.settle(
      [first, second, third].map((id) => ({ id, state: "FAILED" as const })),
      true,
    ),
  ).rejects.toThrow(LaneLostError);
  expect((await pendingIn(successor)).map(({ id }) => id)).toEqual([second, third]);
  await finish(successor);
  expect(await counts(queue)).toEqual({ APPLIED: 3 });
});

test("settling leaves updates accepted meanwhile in the lane", async () => {
  const { queue, worker, first } = await lane();
  const lease = await claim(worker);
  await begin(lease, first);
  const later = await accept(queue, notes("later"));
  await lease.settle([{ id: first, state: "APPLIED" }], true);
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([later]);
  await finish(lease);
});

test("a lease that ran out is not enough for a write", async () => {
  const { account, worker, first } = await lane();
  const lease = await claim(worker);
  lease.assertOwned();
  await expireLease(account);
  await expect(begin(lease, first)).rejects.toThrow(LaneLostError);
  expect(await redis.admin.exists(account.keys.laneAttempt(REFERRAL))).toBe(0);
});

test("a write begun by an owner that died is shown to the next one", async () => {
  const { account, worker, queue, first, second } = await lane(2);
  await begin(await claim(worker), first);
  expect(await stateOf(queue, first)).toBe("SENDING");
  await expireLease(account);

  const successor = await claim(account.openLaneQueue());
  expect(await successor.look()).toMatchObject({
    kind: "interrupted",
    attempt: {
      updateIds: [first],
      requestId: "00000000-0000-4000-8000-000000000001",
      clientRequestId: "00000000-0000-4000-8000-000000000002",
    },
    pending: [{ id: first, state: "SENDING", attempts: 1 }, { id: second }],
  });
  await successor.settle([{ id: first, state: "QUEUED" }], true);
  expect(await successor.look()).toMatchObject({
    kind: "pending",
    pending: [{ id: first, state: "QUEUED", attempts: 1 }, { id: second }],
  });
  await finish(successor);
});

test("an update cancelled before its write is not begun, nor are those with it", async () => {
  const { account, worker, queue, first, second } = await lane(2);
  const lease = await claim(worker);
  await queue.ledger.cancel(second);
  expect(await begin(lease, first, second)).toBe("changed");
  expect(await stateOf(queue, first)).toBe("QUEUED");
  expect(await redis.admin.exists(account.keys.laneAttempt(REFERRAL))).toBe(0);
  await finish(lease);
});

test.each([
  ["as it is", undefined],
  ["sealed", [new Uint8Array(32).fill(7)]],
])(
  "beginning the same attempt twice counts once and prolongs the lease (%s)",
  async (_name, ledgerKeys) => {
    const account = redis.account();
    const queue = await account.openUpdateQueue({ ledgerKeys });
    const id = await accept(queue, notes("1"));
    const lease = await claim(account.openLaneQueue({ ledgerKeys }));
    const attempt = { updateIds: [id], patch: [], requestId: "r", clientRequestId: "c" };
    await lease.begin(attempt);
    await redis.admin.pexpire(account.keys.laneOwner(REFERRAL), 9_000);
    await lease.begin(attempt);
    expect(await queue.ledger.get(id)).toMatchObject({ state: "SENDING", attempts: 1 });
    expect(await redis.admin.pttl(account.keys.laneOwner(REFERRAL))).toBeGreaterThan(10_000);
    expect(await counts(queue)).toEqual({ SENDING: 1 });
    await finish(lease);
  },
);

test("settling the same attempt twice counts once and prolongs the lease", async () => {
  const { account, worker, queue, first, second } = await lane(2);
  const lease = await claim(worker);
  await begin(lease, first);
  const step = { id: first, state: "QUEUED", isAttemptFree: true } as const;
  await lease.settle([step], true);
  await redis.admin.pexpire(account.keys.laneOwner(REFERRAL), 9_000);
  await lease.settle([step], true);
  expect(await queue.ledger.get(first)).toMatchObject({ state: "QUEUED", attempts: 0 });
  expect(await redis.admin.pttl(account.keys.laneOwner(REFERRAL))).toBeGreaterThan(10_000);
  expect(await counts(queue)).toEqual({ QUEUED: 2 });
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([first, second]);
  await finish(lease);
});

test("settling what was left gives the lane up, and whoever comes next may have it", async () => {
  const { account, worker, first } = await lane();
  const lease = await claim(worker);
  await begin(lease, first);
  await lease.settle([{ id: first, state: "APPLIED" }], true);
  expect(await redis.admin.exists(account.keys.laneOwner(REFERRAL))).toBe(0);
  expect(await lease.look()).toEqual({ kind: "empty" });
});

test("a lane with an attempt on record is not given up, though nothing is pending in it", async () => {
  const { account, worker, first } = await lane();
  const lease = await claim(worker);
  await begin(lease, first);
  await lease.settle([{ id: first, state: "APPLIED" }], false);
  expect(await redis.admin.exists(account.keys.laneOwner(REFERRAL))).toBe(1);
  expect(await lease.look()).toMatchObject({ kind: "interrupted", pending: [] });
  await lease.settle([], true);
  expect(await redis.admin.exists(account.keys.laneOwner(REFERRAL))).toBe(0);
});

test("a final state is never left again", async () => {
  const { worker, queue, first, second } = await lane(2);
  const lease = await claim(worker);
  const etag = '"v2"';
  await lease.settle([{ id: first, state: "APPLIED", etag, clientRequestId: "c" }], false);
  const applied = await queue.ledger.get(first);
  for (const state of ["FAILED", "QUEUED", "SENDING"] as const) {
    await lease.settle([{ id: first, state, etag: '"v3"' }], false);
  }
  expect(await queue.ledger.get(first)).toEqual(applied);
  expect(applied).toMatchObject({ state: "APPLIED", etag, clientRequestId: "c" });
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([second]);
  await finish(lease);
  expect(await counts(queue)).toEqual({ APPLIED: 2 });
});

test("what a step says about an update can be read from it", async () => {
  const { worker, queue, first } = await lane();
  const lease = await claim(worker);
  const error = { code: "CONFLICT", message: "no", upstreamStatus: 412 } as const;
  const sent = [{ op: "add", path: "/details/notes", value: "1" }] as const;
  await lease.settle(
    [{ id: first, state: "FAILED", error, sent, troubles: 3, rebases: 2, mergedWith: ["upd_x"] }],
    false,
  );
  expect(await queue.ledger.get(first)).toMatchObject({
    state: "FAILED",
    error,
    patch: sent,
    troubles: 3,
    rebases: 2,
    mergedWith: ["upd_x"],
    finishedAt: expect.any(Number),
  });
  await finish(lease);
});

test("only what is final expires", async () => {
  const { account, worker, queue, first, second, third } = await lane(3);
  const { keys } = account;
  const expiring = async (): Promise<string[]> => {
    const all = [...(await account.dump()).keys()].filter(
      (key) => key !== keys.laneOwner(REFERRAL),
    );
    const lives = await Promise.all(all.map((key) => redis.admin.pttl(key)));
    return all.filter((_key, at) => (lives[at] ?? -1) > 0).sort();
  };
  const lease = await claim(worker);
  await begin(lease, first);
  expect(await expiring()).toEqual([]);
  await lease.settle([{ id: first, state: "APPLIED" }], true);
  await queue.ledger.cancel(third);
  const finals = [keys.audit]; // holds what is final, and nothing else
  finals.push(...[first, third].map((id) => keys.update(id)));
  expect(await expiring()).toEqual(finals.sort());
  expect(await redis.admin.pttl(keys.update(first))).toBeLessThanOrEqual(RETENTION_MS);

  await lease.settle([{ id: second, state: "QUEUED", troubles: 1 }], false);
  expect(await expiring()).toEqual(finals);
  await finish(lease);
  expect(await expiring()).toContain(keys.referralUpdates(REFERRAL));
  await accept(queue, notes("new"));
  expect(await expiring()).not.toContain(keys.referralUpdates(REFERRAL));
  await finish(await claim(worker));
});

test("a referral whose last update was cancelled leaves nothing behind for ever", async () => {
  const { account, queue, worker, first } = await lane();
  await queue.ledger.cancel(first);
  await worker.lanes.claim(REFERRAL);
  const keys = [...(await account.dump()).keys()].filter((key) => key.includes(REFERRAL));
  expect(keys).toEqual([account.keys.referralUpdates(REFERRAL)]);
  expect(await redis.admin.pttl(keys[0] ?? "")).toBeGreaterThan(0);
});

test("an update that has waited for longer than the retention stays listed", async () => {
  const { account, queue, worker, first, second } = await lane(2);
  const { keys } = account;
  const longAgo = Date.now() - 2 * RETENTION_MS;
  await redis.admin.zadd(keys.referralUpdates(REFERRAL), longAgo, first, longAgo + 1, second);
  await redis.admin.hset(keys.update(first), "acceptedAt", longAgo);
  await redis.admin.hset(keys.update(second), "acceptedAt", longAgo + 1);
  const lease = await claim(worker);
  await lease.settle([{ id: first, state: "APPLIED" }], false);
  const { updates } = await queue.ledger.listOfReferral(REFERRAL, 10);
  expect(updates.map(({ id }) => id)).toContain(second);
  await finish(lease);
});

test("accepting while an owner lets go strands nothing", async () => {
  const { queue, worker, first } = await lane();
  let lease = await claim(worker);
  await lease.settle([{ id: first, state: "APPLIED" }], false);
  for (let n = 0; n < 50; n += 1) {
    const [view, id] = await Promise.all([lease.look(), accept(queue, notes(`${n}`))]);
    // Seen by the one who was letting go, or there for the one who is woken for it.
    if (view.kind === "empty") {
      lease = await claim(worker);
    }
    expect((await pendingIn(lease)).map((update) => update.id)).toEqual([id]);
    await lease.settle([{ id, state: "APPLIED" }], false);
  }
  await finish(lease);
  await expectCountsToAddUp(queue, 51);
});

test("a lane handed back keeps its updates and is free at once", async () => {
  const { account, worker, first } = await lane();
  await (await claim(worker)).handBack();
  const next = await claim(account.openLaneQueue());
  expect((await pendingIn(next)).map(({ id }) => id)).toEqual([first]);
  await finish(next);
});

test("whatever is done, the counts add up", async () => {
  const { account, queue, worker } = await lane();
  const other = account.openLaneQueue();
  const states = ["APPLIED", "FAILED", "UNCHANGED", "QUEUED"] as const;
  let accepted = 1;
  for (let round = 0; round < 40; round += 1) {
    const ids = await Promise.all([accept(queue, notes("a")), accept(queue, notes("b"))]);
    accepted += 2;
    const lease = await claim(round % 2 === 0 ? worker : other);
    const [head] = await pendingIn(lease);
    const id = head?.id ?? "";
    await Promise.all([begin(lease, id), queue.ledger.cancel(ids[round % 2] ?? "")]);
    await lease.settle([{ id, state: states[round % 4] ?? "APPLIED" }], round % 3 !== 0);
    await expectCountsToAddUp(queue, accepted);
    await lease.handBack();
  }
  await finish(await claim(worker));
  const { QUEUED, SENDING } = await queue.ledger.counts();
  expect({ QUEUED, SENDING }).toEqual({ QUEUED: 0, SENDING: 0 });
  await expectCountsToAddUp(queue, accepted);
});

test("an owner that lives keeps its lane", async () => {
  const { account, worker } = await lane();
  const lease = await claim(worker);
  const owner = account.keys.laneOwner(REFERRAL);
  await redis.admin.pexpire(owner, 8_000);
  await expect
    .poll(() => redis.admin.pttl(owner), { ...SOON, interval: 50 })
    .toBeGreaterThan(10_000);
  expect(lease.lost.aborted).toBe(false);
  await lease.handBack();
});

test("a lease that ran out is not taken up again by a look, though nobody else has the lane", async () => {
  const account = redis.account();
  await accept(await account.openUpdateQueue(), notes("1"));
  const lease = await claim(account.openLaneQueue());
  await redis.admin.del(account.keys.laneOwner(REFERRAL));
  await expect(lease.look()).rejects.toThrow(LaneLostError);
  expect(await redis.admin.exists(account.keys.laneOwner(REFERRAL))).toBe(0);
});

test("both spellings of a GUID are one lane, which calls the referral as its callers do and leaves nothing behind", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const loud = REFERRAL.toUpperCase();
  await accept(queue, notes("1", { referralId: loud }));
  await accept(queue, notes("2"));
  const lease = await claim(account.openLaneQueue());
  expect(await pendingIn(lease)).toHaveLength(2);
  expect(lease.referralId).toBe(loud);
  await finish(lease);
  expect(await redis.admin.zcard(account.keys.lanesWaiting)).toBe(0);
});
