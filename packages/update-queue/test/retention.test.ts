import { expect, test } from "vitest";
import { privateRedis, SOON } from "./support/private-redis.ts";
import { accept, begin, claim, finish, notes, REFERRAL } from "./support/updates.ts";

const redis = privateRedis();
const HOUR_MS = 60 * 60 * 1000;

test("after the retention nothing is left of a finished referral; what is pending stays", async () => {
  const account = redis.account();
  const { keys } = account;
  const options = { retentionMs: 50.3 }; // as a part of a day may come out
  const queue = await account.openUpdateQueue(options);
  const worker = account.openLaneQueue(options);
  const pending = await accept(queue, notes("p", { referralId: "pending", idempotencyKey: "p" }));
  const underWay = await accept(queue, notes("u", { referralId: "under-way" }));
  const busy = await claim(worker, "under-way");
  await begin(busy, underWay);

  for (const [n, state] of (["APPLIED", "FAILED", "UNCHANGED"] as const).entries()) {
    const id = await accept(queue, notes(`${n}`, { idempotencyKey: `${n}` }));
    const lease = await claim(worker);
    await begin(lease, id);
    await worker.known.put(REFERRAL, {
      referral: { id: REFERRAL, status: "New" } as never,
      etag: '"v1"',
      seenAt: 1,
    });
    const error = { code: "INTERNAL", message: "no" } as const;
    await lease.settle([{ id, state, error }], true);
    await finish(lease);
  }
  await queue.ledger.cancel(await accept(queue, notes("cancelled")));
  await worker.lanes.claim(REFERRAL);

  const ofThePending = [
    ...["pending", "under-way"].flatMap((id) => [keys.lane(id), keys.referralUpdates(id)]),
    ...[pending, underWay].map((id) => keys.update(id)),
    keys.laneAttempt("under-way"),
    keys.lanesWaiting,
  ];
  const left = async (): Promise<string[]> => {
    const all = [...(await account.dump()).keys()];
    // Those have their own end, below; the rest is wake-ups of what is pending.
    const others = [keys.idempotencyPrefix, keys.bullPrefix, keys.sweepLock];
    return all.filter((key) => !others.some((prefix) => key.startsWith(prefix))).sort();
  };
  const expected = [...ofThePending, keys.counts, keys.metrics, keys.laneOwner("under-way")].sort();
  await expect.poll(left, SOON).toEqual(expected);
  for (const key of ofThePending) {
    expect(await redis.admin.pttl(key), key).toBe(-1);
  }
  expect((await queue.ledger.listOfReferral(REFERRAL, 10)).totalCount).toBe(0);
  expect((await queue.audit.list({ first: 10 })).entries).toEqual([]);
  await finish(busy);
});

test("a referral that is never at rest lists its updates as long as they can be read, no longer", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ retentionMs: 50 });
  const worker = account.openLaneQueue({ retentionMs: 50 });
  const first = await accept(queue, notes("1"));
  const second = await accept(queue, notes("2"));
  await accept(queue, notes("pending"));
  const lease = await claim(worker);
  await lease.settle([{ id: first, state: "APPLIED" }], false);
  await expect.poll(() => queue.ledger.get(first), SOON).toBeUndefined();
  await lease.settle([{ id: second, state: "APPLIED" }], false);
  expect((await queue.ledger.listOfReferral(REFERRAL, 10)).totalCount).toBe(2);
  await lease.handBack();
});

test.each([
  ["shorter than a day", 1_000, 24 * HOUR_MS, 26 * HOUR_MS],
  ["longer", 100 * HOUR_MS, 99 * HOUR_MS, 100 * HOUR_MS],
])(
  "an idempotency key outlives its update's end by at least a day; with a retention %s",
  async (_name, retentionMs, least, most) => {
    const account = redis.account();
    const queue = await account.openUpdateQueue({ retentionMs });
    const worker = account.openLaneQueue({ retentionMs });
    const applied = notes("1", { idempotencyKey: "applied" });
    const cancelled = notes("2", { idempotencyKey: "cancelled" });
    const ids = [await accept(queue, applied), await accept(queue, cancelled)];
    const lives = async (): Promise<number[]> => {
      const found = await redis.admin.keys(`${account.keys.idempotencyPrefix}*`);
      return Promise.all(found.map((key) => redis.admin.pttl(key)));
    };
    expect(await lives(), "while it is pending: no end").toEqual([-1, -1]);
    await queue.ledger.cancel(ids[1] ?? "");
    await finish(await claim(worker));
    for (const life of await lives()) {
      expect(life).toBeGreaterThan(least);
      expect(life).toBeLessThanOrEqual(most);
    }
    expect(await accept(queue, applied)).toBe(ids[0]);
    expect(await accept(queue, cancelled)).toBe(ids[1]);
    expect(await lives()).toHaveLength(2);
    expect(
      (await lives()).every((life) => life > least),
      "a repeat leaves it its end",
    ).toBe(true);
  },
);

test("the same key answers the same update from another gateway while it is sent, and afterwards", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const other = await account.openUpdateQueue();
  const update = notes("1", { idempotencyKey: "k" });
  const different = notes("2", { idempotencyKey: "k" });
  const id = await accept(queue, update);
  const lease = await claim(account.openLaneQueue());
  const expectTheSame = async (): Promise<void> => {
    expect(await other.ledger.findEarlier(update)).toEqual({ ok: true, id, isReplay: true });
    expect(await other.ledger.accept(update)).toEqual({ ok: true, id, isReplay: true });
    const mismatch = { ok: false, reason: "idempotencyMismatch" };
    expect(await other.ledger.findEarlier(different)).toEqual(mismatch);
    expect(await other.ledger.accept(different)).toEqual(mismatch);
  };
  await begin(lease, id);
  await expectTheSame();
  await lease.settle([{ id, state: "APPLIED" }], true);
  await expectTheSame();
  await finish(lease);
  expect(await queue.ledger.counts()).toMatchObject({ QUEUED: 0, SENDING: 0, APPLIED: 1 });
});
