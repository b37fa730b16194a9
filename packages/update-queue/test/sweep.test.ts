import { expect, test } from "vitest";
import type { LaneQueue } from "../src/index.ts";
import { type Account, privateRedis, SOON, untilConnected } from "./support/private-redis.ts";
import { accept, claim, counts, finish, inBatches, notes, REFERRAL } from "./support/updates.ts";

const redis = privateRedis();

/** As if the lane had been waiting for an hour, and no other worker had swept just now. */
async function makeStranded({ keys }: Account, referralId = REFERRAL): Promise<void> {
  await redis.admin.zadd(keys.lanesWaiting, Date.now() - 3_600_000, referralId);
  await redis.admin.del(keys.sweepLock);
}

/** A worker that takes whatever it is woken for to its end. */
function drain(worker: LaneQueue): void {
  const consumer = worker.consume({
    concurrency: 4,
    process: async (referralId) => {
      const result = await worker.lanes.claim(referralId);
      if (result.kind === "claimed") {
        await finish(result.lease);
      }
      return { kind: "done" };
    },
  });
  redis.onClose(() => consumer.close());
}

async function uptimeSeconds(): Promise<number> {
  return Number(/^uptime_in_seconds:(\d+)/m.exec(await redis.admin.info("server"))?.[1]);
}

async function oldEnough(): Promise<void> {
  await expect.poll(uptimeSeconds, { timeout: 20_000, interval: 100 }).toBeGreaterThanOrEqual(5);
}

test("a Redis that was just started is left alone", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1"));
  let woken = 0;
  do {
    // Again when a busy machine took so long that it was not young any more.
    await redis.server.restart();
    await untilConnected(queue);
    await makeStranded(account);
    woken = await worker.sweep();
  } while ((await uptimeSeconds()) >= 5);
  expect(woken).toBe(0);
});

test("an update whose wake-up never came is found and applied", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1"));
  drain(worker);
  await makeStranded(account);
  expect(await worker.sweep()).toBe(1);
  await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 1 });
});

test("an update accepted just now is left to its own wake-up", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await accept(queue, notes("1"));
  await redis.admin.del(account.keys.sweepLock);
  expect(await account.openLaneQueue().sweep()).toBe(0);
});

test("a lane with an owner, or with a job that waits, is left alone", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1"));
  const lease = await claim(worker);
  await makeStranded(account);
  expect(await worker.sweep()).toBe(0);
  await lease.handBack();

  await queue.wake(REFERRAL);
  await makeStranded(account);
  expect(await worker.sweep()).toBe(0);
  expect(await queue.status()).toMatchObject({ waiting: 1 });
  drain(worker);
  await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 1 });
});

test("a lane that rests is left alone, until its rest is over and nobody noticed", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1"));
  await (await claim(worker)).handBack(60_000);
  await makeStranded(account);
  expect(await worker.sweep()).toBe(0);
  await redis.admin.zadd(account.keys.lanesDue, 1, REFERRAL);
  drain(worker);
  await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 1 });
});

test("a stranded lane of bulk updates is woken among the bulk ones", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1", { priority: "bulk" }));
  await makeStranded(account);
  expect(await worker.sweep()).toBe(1);
  drain(worker);
  await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 1 });
  const used = await redis.admin.exists(`${account.keys.bullPrefix}:lanes-bulk:id`);
  expect({
    used,
    interactive: await redis.admin.exists(`${account.keys.bullPrefix}:lanes:id`),
  }).toEqual({
    used: 1,
    interactive: 0,
  });
});

test("a trace of a job that is gone does not keep a lane asleep", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  await accept(queue, notes("1"));
  await queue.wake(REFERRAL);
  const jobs = await redis.admin.keys(`${account.keys.bullPrefix}:lanes:*`);
  const isPart = (key: string): boolean => /:lanes:(\d+|wait)$/.test(key);
  await redis.admin.del(...jobs.filter(isPart));
  expect(jobs.filter((key) => key.includes(":de:"))).toHaveLength(1);
  await makeStranded(account);
  expect(await worker.sweep()).toBe(1);
  drain(worker);
  await expect.poll(() => counts(queue), SOON).toEqual({ APPLIED: 1 });
});

test("workers take turns", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const workers = [account.openLaneQueue(), account.openLaneQueue()] as const;
  await accept(queue, notes("1"));
  await makeStranded(account);
  const woken = await Promise.all(workers.map((worker) => worker.sweep()));
  expect(woken.sort()).toEqual([0, 1]);
});

test("more stranded lanes than fit into one sweep are all reached", async () => {
  await oldEnough();
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  const lanes = Array.from({ length: 620 }, (_, n) => `referral-${n}`);
  await inBatches(lanes.length, (n) => accept(queue, notes("1", { referralId: lanes[n] ?? "" })));
  let woken = 0;
  for (let sweeps = 0; sweeps < 2; sweeps += 1) {
    await redis.admin.zadd(account.keys.lanesWaiting, ...lanes.flatMap((lane) => [1, lane]));
    await redis.admin.del(account.keys.sweepLock);
    woken += await worker.sweep();
  }
  expect(woken).toBe(620);
});
