import { afterEach, expect, test, vi } from "vitest";
import type { LaneConsumer, LaneQueue, ProcessLaneJob, UpdateQueue } from "../src/index.ts";
import { runScript } from "../src/redis-scripts.ts";
import { type Account, privateRedis, SOON } from "./support/private-redis.ts";
import { accept, claim, counts, finish, notes, REFERRAL } from "./support/updates.ts";

const redis = privateRedis();
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

/** Lane jobs that claim their lane and do with it what the test says; notes when they had it. */
function drain(
  worker: LaneQueue,
  work: (lease: Awaited<ReturnType<typeof claim>>) => Promise<number | undefined> = async (
    lease,
  ) => {
    await finish(lease);
    return undefined;
  },
): { had: { referralId: string; atMs: number }[]; consumer: LaneConsumer } {
  const had: { referralId: string; atMs: number }[] = [];
  const process: ProcessLaneJob = async (referralId) => {
    const result = await worker.lanes.claim(referralId);
    if (result.kind === "empty") {
      return { kind: "done" };
    }
    if (result.kind !== "claimed") {
      return { kind: "later", delayMs: result.retryInMs };
    }
    had.push({ referralId, atMs: await redisMs() });
    const restMs = await work(result.lease);
    return restMs === undefined ? { kind: "done" } : { kind: "later", delayMs: restMs };
  };
  const consumer = worker.consume({ concurrency: 1, process });
  redis.onClose(() => consumer.close());
  return { had, consumer };
}

async function redisMs(): Promise<number> {
  const [seconds, micros] = await redis.admin.time();
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}

async function open(): Promise<{ account: Account; queue: UpdateQueue; worker: LaneQueue }> {
  const account = redis.account();
  return { account, queue: await account.openUpdateQueue(), worker: account.openLaneQueue() };
}

/** Work that lets its lane rest once, and finishes it the next time. */
function restingOnce(
  restMs: number,
): (lease: Awaited<ReturnType<typeof claim>>) => Promise<number | undefined> {
  let hasRested = false;
  return async (lease) => {
    if (hasRested) {
      await finish(lease);
      return undefined;
    }
    hasRested = true;
    await lease.handBack(restMs);
    return restMs;
  };
}

test("a lane that rests runs again when its time has come, and being woken does not shorten that", async () => {
  const { queue, worker } = await open();
  await accept(queue, notes("1"));
  const { had } = drain(worker, restingOnce(2_000));
  await queue.wake(REFERRAL);
  await expect.poll(() => queue.status(), SOON).toMatchObject({ delayed: 1 });
  await queue.wake(REFERRAL);
  await queue.wake(REFERRAL, "bulk");
  await expect.poll(() => had.length, SOON).toBe(2);
  const [first, second] = had;
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_999);
  await expect.poll(() => queue.status(), SOON).toMatchObject({ delayed: 0, waiting: 0 });
});

test.each([
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
])(
  "a process whose clock is set %s by an hour neither hurries nor strands a lane",
  async (_way, stepMs) => {
    const { queue, worker } = await open();
    await accept(queue, notes("1"));
    const { had } = drain(worker, restingOnce(300));
    await queue.wake(REFERRAL);
    await expect.poll(() => had.length, SOON).toBe(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + stepMs });
    await expect.poll(() => had.length, SOON).toBe(2);
    const [first, second] = had;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(299);
    await accept(queue, notes("2"));
    await queue.wake(REFERRAL);
    await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 2 });
  },
);

test("a process whose clock was set back keeps the locks of its jobs", async () => {
  const { account, queue, worker } = await open();
  await accept(queue, notes("1"));
  const letGo = Promise.withResolvers<void>();
  const { had } = drain(worker, async (lease) => {
    await letGo.promise;
    await finish(lease);
    return undefined;
  });
  redis.onClose(async () => letGo.resolve());
  await queue.wake(REFERRAL);
  await expect.poll(() => had.length, SOON).toBe(1);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - HOUR_MS });
  const [lock = ""] = await redis.admin.keys(`${account.keys.bullPrefix}:lanes:*:lock`);
  await redis.admin.pexpire(lock, 9_000);
  await expect
    .poll(() => redis.admin.pttl(lock), { ...SOON, interval: 50 })
    .toBeGreaterThan(10_000);
});

test("a lane that lets others have a turn comes after those that wait", async () => {
  const { queue, worker } = await open();
  const lanes = ["long", "other-1", "other-2"];
  const restOnce = restingOnce(0);
  for (const referralId of lanes) {
    await accept(queue, notes("1", { referralId }));
    await queue.wake(referralId);
  }
  const { had } = drain(worker, async (lease) => {
    if (lease.referralId === "long") {
      return restOnce(lease);
    }
    // Only over when the one that let them go first is woken again, so that it could jump the line.
    await finish(lease);
    return undefined;
  });
  await expect.poll(() => had.length, SOON).toBe(4);
  const order = had.map(({ referralId }) => referralId);
  expect(order.at(0)).toBe("long");
  expect(order.indexOf("other-1")).toBeLessThan(order.lastIndexOf("long"));
});

test("a lane taken from its rest by a process that died before waking it is woken by another", async () => {
  const { account, queue, worker } = await open();
  const { keys } = account;
  await accept(queue, notes("1"));
  await (await claim(worker)).handBack(0);
  const [, , ...taken] = (await runScript(
    redis.admin,
    "takeDueLanes",
    [keys.lanesDue, keys.lanesWatched],
    [10, 5_000, 60_000, keys.root, 100],
  )) as string[];
  expect(taken).toEqual([REFERRAL, "interactive"]);
  expect(await redis.admin.zcard(keys.lanesDue)).toBe(0);
  expect(await redis.admin.zcard(keys.lanesWatched)).toBe(1);
  await redis.admin.zincrby(keys.lanesWatched, -5_000, REFERRAL); // five seconds later
  const { had } = drain(worker);
  await expect.poll(() => had.length, SOON).toBe(1);
  await expect.poll(() => redis.admin.zcard(keys.lanesWatched), SOON).toBe(0);
});

test("a lane whose owner died is woken when the lease is over, and runs without a hurry before", async () => {
  const { account, queue, worker } = await open();
  await accept(queue, notes("1"));
  const dead = account.openLaneQueue();
  await dead.lanes.claim(REFERRAL);
  await redis.admin.pexpire(account.keys.laneOwner(REFERRAL), 400);
  let claims = 0;
  const counting: LaneQueue = {
    ...worker,
    lanes: {
      rest: (...rest) => worker.lanes.rest(...rest),
      claim: (referralId) => {
        claims += 1;
        return worker.lanes.claim(referralId);
      },
    },
  };
  const { had } = drain(counting);
  await queue.wake(REFERRAL);
  await expect.poll(() => had.length, SOON).toBe(1);
  expect(claims).toBeLessThan(6);
});

test("times beyond any rest, as after Redis' host set its clock back, count as come", async () => {
  const { account, queue, worker } = await open();
  await accept(queue, notes("1"));
  await (await claim(worker)).handBack(0);
  await redis.admin.zincrby(account.keys.lanesDue, HOUR_MS, REFERRAL);
  const { had } = drain(worker);
  await expect.poll(() => had.length, SOON).toBe(1);
});

test("a lane at rest is nobody's; one that is empty does not rest", async () => {
  const { account, queue, worker } = await open();
  const id = await accept(queue, notes("1"));
  await (await claim(worker)).handBack(60_000);
  expect(await worker.lanes.claim(REFERRAL)).toMatchObject({ kind: "resting" });
  expect(await worker.lanes.claim(REFERRAL.toUpperCase())).toMatchObject({ kind: "resting" });
  await worker.lanes.rest(REFERRAL, 1); // does not shorten it
  expect(await worker.lanes.claim(REFERRAL)).toMatchObject({ kind: "resting" });
  await queue.ledger.cancel(id);
  expect(await worker.lanes.claim(REFERRAL)).toEqual({ kind: "empty" });
  expect(await redis.admin.exists(account.keys.lanesDue)).toBe(0);
});

test("a lane handed back without rest is free at once, whatever rest came before", async () => {
  const { queue, worker } = await open();
  await accept(queue, notes("1"));
  await worker.lanes.rest(REFERRAL, 60_000);
  const other = await worker.lanes.claim(REFERRAL);
  expect(other.kind).toBe("resting");
  const lanes = await open();
  await accept(lanes.queue, notes("1"));
  const lease = await claim(lanes.worker);
  await lanes.worker.lanes.rest(REFERRAL, 60_000);
  await lease.handBack();
  await finish(await claim(lanes.worker));
});

test("a rested lane is woken with the priority of what is pending in it", async () => {
  const { account, queue, worker } = await open();
  await accept(queue, notes("1", { referralId: "bulk", priority: "bulk" }));
  await accept(queue, notes("1", { referralId: "mixed", priority: "bulk" }));
  await accept(queue, notes("2", { referralId: "mixed" }));
  for (const referralId of ["bulk", "mixed"]) {
    await (await claim(worker, referralId)).handBack(0);
  }
  const { had } = drain(worker);
  await expect.poll(() => had.length, SOON).toBe(2);
  const jobs = async (name: string): Promise<unknown> =>
    redis.admin.get(`${account.keys.bullPrefix}:${name}:id`);
  expect({ lanes: await jobs("lanes"), bulk: await jobs("lanes-bulk") }).toEqual({
    lanes: "1",
    bulk: "1",
  });
});

test("while a consumer is paused no resting lane is woken", async () => {
  const { queue, worker } = await open();
  await accept(queue, notes("1"));
  const { had, consumer } = drain(worker);
  consumer.pause();
  await (await claim(worker)).handBack(0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await queue.status()).toMatchObject({ delayed: 1, waiting: 1 });
  expect(had).toEqual([]);
  consumer.resume();
  await expect.poll(() => had.length, SOON).toBe(1);
});
