import { expect, test } from "vitest";
import {
  CALLBACK_LEASE_MS,
  type DueCallback,
  LONGEST_CALLBACK_WAIT_MS,
  newBulkUpdateId,
  payloadCodec,
  RedisCallbacks,
} from "../src/index.ts";
import { privateRedis, SOON } from "./support/private-redis.ts";

const redis = privateRedis();

/** A place for callbacks, and bulk updates that are what a test says. */
function setUp() {
  const { keys } = redis.account();
  const callbacks = new RedisCallbacks({ redis: redis.admin, keys, codec: payloadCodec() });
  const write = async (id: string, fields: Readonly<Record<string, string>>): Promise<void> => {
    await redis.admin.hset(keys.bulk(id), {
      submittedAt: "1",
      total: "1",
      about: ABOUT,
      ...fields,
    });
  };
  /** What the script that ends a bulk update does. */
  const over = async (
    fields: Readonly<Record<string, string>> = {},
    id = newBulkUpdateId(),
  ): Promise<string> => {
    const [seconds] = await redis.admin.time();
    const finishedAt = `${seconds}000`;
    await write(id, { state: "COMPLETED", APPLIED: "1", finishedAt, ...fields });
    await redis.admin.zadd(keys.callbacksDue, finishedAt, id);
    return id;
  };
  const redisMs = async (): Promise<number> => {
    const [seconds, us] = await redis.admin.time();
    return Number(seconds) * 1_000 + Math.floor(Number(us) / 1_000);
  };
  /** Lets so many ms pass: everything comes due that much earlier. */
  const pass = async (ms: number): Promise<void> => {
    for (const id of await redis.admin.zrange(keys.callbacksDue, "0", "-1")) {
      await redis.admin.zincrby(keys.callbacksDue, -ms, id);
    }
    // Who takes one again does so later, if only by a ms of Redis' clock: that tells two takers apart.
    const now = await redisMs();
    await expect.poll(redisMs, SOON).toBeGreaterThan(now);
  };
  const takeOne = async (): Promise<DueCallback> => {
    const { callbacks: taken } = await callbacks.take(1);
    expect(taken).toHaveLength(1);
    return taken[0] as DueCallback;
  };
  const left = async () => ({
    due: await redis.admin.zcard(keys.callbacksDue),
    tried: await redis.admin.hlen(keys.callbacksTried),
  });
  return { callbacks, keys, write, over, pass, takeOne, left };
}

const ABOUT = JSON.stringify({ submittedBy: "tests", callbackUrl: "https://crm.example/hook" });

const NOTHING = { due: 0, tried: 0 };

test("a callback belongs to who took it, and is gone when it was made", async () => {
  const { callbacks, over, takeOne, left } = setUp();
  const id = await over();
  const callback = await takeOne();
  expect(callback).toMatchObject({
    bulkUpdate: { id, callbackUrl: "https://crm.example/hook" },
    tries: 0,
  });
  expect(callback.deliveryId).toMatch(/^msg_[0-9a-f]{32}_\d+$/);
  const meanwhile = await callbacks.take(10);
  expect(meanwhile.callbacks).toEqual([]);
  expect(meanwhile.nextInMs).toBeGreaterThan(CALLBACK_LEASE_MS / 2);
  await callback.end();
  expect(await left()).toEqual(NOTHING);
  expect(await callbacks.take(10)).toEqual({ callbacks: [], nextInMs: undefined });
});

test("what was taken by a process that died is due again, under the same delivery id", async () => {
  const { over, pass, takeOne, left } = setUp();
  await over();
  const dead = await takeOne();
  await pass(CALLBACK_LEASE_MS + 1);
  const next = await takeOne();
  expect(next.deliveryId).toBe(dead.deliveryId);
  // It was only slow: its callback is somebody else's now.
  await dead.end();
  expect((await left()).due).toBe(1);
  await next.end();
  expect(await left()).toEqual(NOTHING);
});

test("a failed try comes back when it was asked for, and is counted", async () => {
  const { callbacks, over, pass, takeOne, left } = setUp();
  await over();
  const first = await takeOne();
  await first.tryAgain(60_000);
  const soon = await callbacks.take(1);
  expect(soon.callbacks).toEqual([]);
  expect(soon.nextInMs).toBeGreaterThan(30_000);
  expect(soon.nextInMs).toBeLessThanOrEqual(60_000);
  await pass(60_000);
  const second = await takeOne();
  expect(second).toMatchObject({ deliveryId: first.deliveryId, tries: 1 });
  await second.tryAgain(2 * LONGEST_CALLBACK_WAIT_MS);
  await pass(LONGEST_CALLBACK_WAIT_MS);
  const third = await takeOne();
  expect(third.tries).toBe(2);
  await third.end();
  expect(await left()).toEqual(NOTHING);
});

test("a bulk update that is over a second time is told anew, also while the first time is being told", async () => {
  const { over, takeOne, left } = setUp();
  const id = await over({ finishedAt: "1000" });
  const first = await takeOne();
  await over({ finishedAt: "2000" }, id);
  await first.end();
  const second = await takeOne();
  expect(second.deliveryId).not.toBe(first.deliveryId);
  expect(second.tries).toBe(0);
  await second.end();
  expect(await left()).toEqual(NOTHING);
});

test("tries of the first end are not counted against the second", async () => {
  const { over, takeOne } = setUp();
  const id = await over({ finishedAt: "1000" });
  await (await takeOne()).tryAgain(60_000);
  await over({ finishedAt: "2000" }, id);
  expect((await takeOne()).tries).toBe(0);
});

test("nothing is told of a bulk update that is running again, or that nobody remembers", async () => {
  const { callbacks, keys, over, left } = setUp();
  await over({ state: "RUNNING" });
  await redis.admin.del(keys.bulk(await over()));
  expect((await callbacks.take(10)).callbacks).toEqual([]);
  expect(await left()).toEqual(NOTHING);
});

test("a cancelled bulk update is told once the last of its rows is at rest", async () => {
  const { callbacks, write, over, pass, takeOne, left } = setUp();
  const id = await over({ state: "CANCELLED", APPLIED: "0", SENDING: "1" });
  expect((await callbacks.take(1)).callbacks).toEqual([]);
  expect((await left()).due).toBe(1);
  await write(id, { APPLIED: "1", SENDING: "0" });
  await pass(60_000);
  expect((await takeOne()).bulkUpdate.state).toBe("CANCELLED");
});

test("a clock that was set back keeps nothing waiting longer than the longest wait", async () => {
  const { over, pass, takeOne } = setUp();
  await over();
  await pass(-LONGEST_CALLBACK_WAIT_MS - 60_000);
  await takeOne();
});

test("at most as many are taken as were asked for", async () => {
  const { callbacks, over } = setUp();
  await Promise.all(Array.from({ length: 5 }, () => over()));
  expect((await callbacks.take(2)).callbacks).toHaveLength(2);
  const rest = await callbacks.take(10);
  expect(rest.callbacks).toHaveLength(3);
});
