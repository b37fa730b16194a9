import { expect, test } from "vitest";
import { accountKeys } from "../src/account-keys.ts";
import { DOWN_AFTER_FAILURES } from "../src/index.ts";
import { privateRedis, SOON } from "./support/private-redis.ts";
import { accept, begin, claim, finish, notes, REFERRAL } from "./support/updates.ts";

const redis = privateRedis();

test("everything an account keeps carries its hash tag", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  const ids = [
    await accept(queue, notes("1", { idempotencyKey: "k" })),
    await accept(queue, notes("2")),
  ];
  await queue.wake(REFERRAL);
  const lease = await claim(worker);
  await begin(lease, ids[0] ?? "");
  await worker.known.put(REFERRAL, { referral: {} as never, etag: '"v1"', seenAt: 1 });
  await worker.refreshToken.save("t");
  await worker.account.failed();
  await worker.budget.throttled({ retryAfterMs: 1 });
  await worker.sweep();
  const keys = [...(await account.dump()).keys()];
  expect(keys.length).toBeGreaterThan(15);
  expect(keys.filter((key) => !key.startsWith(`patchlane:{${account.accountId}}:`))).toEqual([]);
  await finish(lease);
});

test.each(["", "a}b", "a{b", "a:b", "a b", "x".repeat(65)])("account id %o is refused", (id) => {
  expect(() => accountKeys(id)).toThrow(TypeError);
});

test("accounts do not see each other's updates", async () => {
  const mine = await redis.account().openUpdateQueue();
  const theirs = redis.account();
  const id = await accept(mine, notes("1"));
  expect(await (await theirs.openUpdateQueue()).ledger.get(id)).toBeUndefined();
  expect(await theirs.openLaneQueue().lanes.claim(REFERRAL)).toEqual({ kind: "empty" });
});

test("the status of the queue", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ rate: { ratePerSecond: 100, burst: 1 } });
  const worker = account.openLaneQueue();
  expect(await queue.status()).toEqual({
    waiting: 0,
    active: 0,
    delayed: 0,
    pausedReason: undefined,
    failuresInARow: 0,
    ratePerSecond: 95,
    throttledUntil: undefined,
    oldestWaitingSeconds: 0,
  });
  const first = await accept(queue, notes("1"));
  await accept(queue, notes("2"));
  const lease = await claim(worker);
  await begin(lease, first);
  await redis.admin.zadd(account.keys.lanesWaiting, Date.now() - 90_000, REFERRAL);
  await worker.account.paused("no sign-in");
  await worker.account.failed();
  await queue.budget.throttled({ retryAfterMs: 60_000 });
  expect(await queue.status()).toMatchObject({
    waiting: 1,
    active: 1,
    pausedReason: "no sign-in",
    failuresInARow: 1,
    throttledUntil: expect.closeTo(Date.now() + 60_000, -4),
    oldestWaitingSeconds: expect.closeTo(90, -1),
  });
  await finish(lease);
  expect(await queue.status()).toMatchObject({ waiting: 0, active: 0, oldestWaitingSeconds: 0 });
});

test("failures in a row mean that the upstream is down, until it answers anybody", async () => {
  const account = redis.account();
  const one = account.openLaneQueue();
  const other = account.openLaneQueue();
  await other.account.answered();
  for (let n = 1; n <= DOWN_AFTER_FAILURES; n += 1) {
    expect((await other.account.get()).isDown).toBe(false);
    expect((await one.account.failed()).failuresInARow).toBe(n);
  }
  expect(await other.account.get()).toMatchObject({ isDown: true, failuresInARow: 5 });
  await other.account.answered();
  expect(await one.account.get()).toMatchObject({ isDown: false, failuresInARow: 0 });
});

test("a pause is over once anybody gets an answer, also when who paused is gone and nobody looks", async () => {
  const account = redis.account();
  const gone = account.openLaneQueue();
  const working = account.openLaneQueue();
  await working.account.answered();
  await gone.account.paused("no sign-in");
  const reason = async (): Promise<unknown> => {
    await working.account.answered();
    return redis.admin.hget(account.keys.accountStatus, "pausedReason");
  };
  await expect.poll(reason, SOON).toBeNull();
});

test("what fails alone is held against it now and then, as long as no write of anybody is taken", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const held = async (referralId = REFERRAL): Promise<boolean> => {
    await worker.account.answered("read"); // a probe: the upstream is not down
    return (await worker.account.failed({ referralId })).isHeldAgainstUpdate;
  };
  const later = (ms: number, referralId = REFERRAL) =>
    redis.admin.zincrby(account.keys.failingLanes, -ms, referralId);
  expect(await held()).toBe(true);
  expect(await held()).toBe(false);
  await later(10_000);
  expect(await held()).toBe(true);

  // With another one failing, too, it may be all writes: slower.
  expect(await held("another")).toBe(true);
  await later(10_000);
  expect(await held()).toBe(false);
  await later(20_000);
  expect(await held()).toBe(true);
  expect(await held()).toBe(false);

  // Somebody's write was taken: it is its own.
  await worker.account.answered("write");
  expect(await held()).toBe(true);
  await expect
    .poll(async () => {
      await worker.account.answered("write");
      return redis.admin.exists(account.keys.failingLanes);
    }, SOON)
    .toBe(0);
});

test("after an outage the first failure brings it back, until a write of anybody was taken", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const afterOutage = async (): Promise<void> => {
    await worker.account.failed({ isForEverybody: true });
    await redis.admin.del(account.keys.upstreamProbe);
    await (await worker.account.takeProbe())?.answered();
  };
  await afterOutage();
  expect(await worker.account.get()).toMatchObject({ isDown: false, isUnproven: true });
  // Perhaps this one's trouble, perhaps that of all writes.
  expect(await worker.account.failed({ referralId: REFERRAL })).toEqual({
    failuresInARow: 5,
    isHeldAgainstUpdate: true,
  });
  await afterOutage();
  await worker.account.answered("write");
  expect(await worker.account.get()).toMatchObject({ isDown: false, isUnproven: false });
  expect(await worker.account.failed({ referralId: REFERRAL })).toMatchObject({
    failuresInARow: 1,
  });
});

test("nothing is held against anybody while the upstream is down", async () => {
  const worker = redis.account().openLaneQueue();
  const unreachable = await worker.account.failed({ isForEverybody: true, referralId: REFERRAL });
  expect(unreachable).toEqual({ failuresInARow: 5, isHeldAgainstUpdate: false });
  const next = await worker.account.failed({ referralId: "another" });
  expect(next).toEqual({ failuresInARow: 6, isHeldAgainstUpdate: false });
});

test("one process at a time probes, later and later, and its finding is everybody's", async () => {
  const account = redis.account();
  const { upstreamProbe } = account.keys;
  const one = account.openLaneQueue();
  const other = account.openLaneQueue();
  const isTime = () => redis.admin.del(upstreamProbe);
  await one.account.failed({ isForEverybody: true });
  expect(await other.account.takeProbe()).toBeUndefined(); // not at once
  const waits = [await redis.admin.pttl(upstreamProbe)];
  for (let n = 0; n < 4; n += 1) {
    await isTime();
    const probe = await one.account.takeProbe();
    expect(await other.account.takeProbe()).toBeUndefined();
    await probe?.failed("down");
    waits.push(await redis.admin.pttl(upstreamProbe));
  }
  const [first = 0, , , , last = 0] = waits;
  expect(first).toBeLessThanOrEqual(1_000);
  expect(last).toBeGreaterThan(1_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
  expect(await other.account.get()).toMatchObject({ isDown: true, failuresInARow: 9 });

  await isTime();
  await (await other.account.takeProbe())?.failed({ pausedReason: "no sign-in" });
  expect(await one.account.get()).toMatchObject({ isDown: false, pausedReason: "no sign-in" });
  expect(await redis.admin.pttl(upstreamProbe)).toBeGreaterThan(5_000);
  await isTime();
  await (await one.account.takeProbe())?.failed("down");
  expect(await one.account.get()).toMatchObject({ isDown: true, pausedReason: undefined });
  await isTime();
  await (await other.account.takeProbe())?.failed("unclear");
  expect(await one.account.get()).toMatchObject({ isDown: true });
  await isTime();
  await (await other.account.takeProbe())?.answered();
  expect(await one.account.get()).toEqual({
    isDown: false,
    isUnproven: true,
    failuresInARow: 0,
    pausedReason: undefined,
  });
});

test("a probe whose process lives stays its own; one that is given up goes to the next at once", async () => {
  const account = redis.account();
  const one = account.openLaneQueue();
  const other = account.openLaneQueue();
  const probe = await one.account.takeProbe();
  await redis.admin.pexpire(account.keys.upstreamProbe, 3_000);
  await expect
    .poll(() => redis.admin.pttl(account.keys.upstreamProbe), { ...SOON, interval: 20 })
    .toBeGreaterThan(4_000);
  await probe?.abandon();
  expect(await other.account.takeProbe()).toBeDefined();
});

test("trouble that nobody meets any more is forgotten", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const lifeMs = (): Promise<number> => redis.admin.pttl(account.keys.accountStatus);
  await worker.account.failed();
  expect(await lifeMs()).toBeGreaterThan(0);
  await redis.admin.del(account.keys.accountStatus);
  await worker.account.paused("no sign-in");
  expect(await lifeMs()).toBeGreaterThan(0);
  await (await worker.account.takeProbe())?.failed("unclear");
  expect(await lifeMs()).toBeGreaterThan(0);
});

test("a known state is remembered for a while, replaced and forgotten", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const state = (etag: string) => ({
    referral: { id: REFERRAL, status: "New", unheardOf: { kept: true } } as never,
    etag,
    seenAt: 7,
  });
  expect(await worker.known.get(REFERRAL)).toBeUndefined();
  await worker.known.put(REFERRAL, state('"v1"'));
  await worker.known.put(REFERRAL, state('"v2"'));
  expect(await worker.known.get(REFERRAL)).toMatchObject(state('"v2"'));
  expect(await redis.admin.pttl(account.keys.knownState(REFERRAL))).toBeGreaterThan(60_000);
  await worker.known.forget(REFERRAL);
  expect(await worker.known.get(REFERRAL)).toBeUndefined();
});

test("an answer that was overtaken does not bring an older state back", async () => {
  const account = redis.account();
  const [one, other] = [account.openLaneQueue(), account.openLaneQueue()];
  const state = (etag: string, updatedDateTime?: string) => ({
    referral: { id: REFERRAL, status: "New", updatedDateTime } as never,
    etag,
    seenAt: 1,
  });
  const known = async (): Promise<string | undefined> => (await one.known.get(REFERRAL))?.etag;
  await one.known.put(REFERRAL, state('"v2"', "2026-01-31T12:00:00.5Z"));
  await other.known.put(REFERRAL, state('"v1"', "2026-01-31T11:59:59+00:00"));
  expect(await known()).toBe('"v2"');
  await other.known.put(REFERRAL, state('"v3"', "2026-01-31T12:00:00.5Z"));
  expect(await known(), "the same moment: the later call").toBe('"v3"');
  await other.known.put(REFERRAL, state('"v4"'));
  expect(await known(), "no moment told: the later call").toBe('"v4"');
  await one.known.put(REFERRAL, state('"v5"', "2026-01-31T12:00:00Z"));
  await one.known.forget(REFERRAL);
  await one.known.put(REFERRAL, state('"v1"', "2026-01-31T11:00:00Z"));
  expect(await known(), "after a 412 anything read is news").toBe('"v1"');
});

test("list pages tell what is not known, or older; items without a usable ETag nothing", async () => {
  const { known } = redis.account().openLaneQueue();
  const at = (hour: number): string => `2026-01-31T${hour}:00:00Z`;
  const item = (id: string, eTag: unknown, updatedDateTime?: string): never =>
    ({ id, status: "New", eTag, updatedDateTime }) as never;
  for (const id of ["newer", "same", "older", "timeless"]) {
    const updatedDateTime = id === "timeless" ? undefined : at(12);
    const referral = item(id, '"known"', updatedDateTime);
    await known.put(id, { referral, etag: '"known"', seenAt: 1 });
  }
  await known.putMany(
    [
      item("newer", '"listed"', at(13)),
      item("same", '"listed"', at(12)),
      item("older", '"listed"', at(11)),
      item("timeless", '"listed"', at(13)),
      item("new", '"listed"', at(11)),
      item("without", undefined, at(13)),
      item("unusable", "no quotes\r\n", at(13)),
      ...Array.from({ length: 250 }, (_, n) => item(`many-${n}`, `"${n}"`)),
    ],
    7,
  );
  const etag = async (id: string): Promise<string | undefined> => (await known.get(id))?.etag;
  expect(await etag("newer")).toBe('"listed"');
  expect(await known.get("new")).toMatchObject({ etag: '"listed"', seenAt: 7 });
  for (const id of ["same", "older", "timeless"]) {
    expect(await etag(id), id).toBe('"known"');
  }
  expect([await etag("without"), await etag("unusable")]).toEqual([undefined, undefined]);
  expect([await etag("many-0"), await etag("many-249")]).toEqual(['"0"', '"249"']);
});

test("a remembered state that is no referral (any more) is as good as none", async () => {
  const worker = redis.account().openLaneQueue();
  await worker.known.put(REFERRAL, { referral: { no: 1 } as never, etag: '"v1"', seenAt: 1 });
  expect(await worker.known.get(REFERRAL)).toBeUndefined();
});
