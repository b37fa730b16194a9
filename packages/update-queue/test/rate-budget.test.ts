import { expect, test } from "vitest";
import type { RateSettings, RedisRateBudget } from "../src/index.ts";
import { runScript } from "../src/redis-scripts.ts";
import { type Account, privateRedis, SOON } from "./support/private-redis.ts";

const redis = privateRedis();
/** Share of the configured rate that is used. */
const HEADROOM = 0.95;

async function budgetOf(
  rate: RateSettings,
  account: Account = redis.account(),
): Promise<{ account: Account; budget: RedisRateBudget }> {
  return { account, budget: account.openLaneQueue({ rate }).budget };
}

/** Takes a permit, waits for its moment, says that the call left, answers when that was. */
async function call(
  budget: RedisRateBudget,
  priority: "interactive" | "bulk" = "bulk",
): Promise<number> {
  const permit = await budget.acquire({ priority });
  await permit.due();
  const leftAt = performance.now(); // before it is said: a pause in between must not look like a shorter gap
  permit.sent();
  return leftAt;
}

function spread(moments: readonly number[]): number {
  return Math.max(...moments) - Math.min(...moments);
}

/** Puts the last refusal this far into the past, as if nothing had been refused since. */
async function letPass({ keys }: Account, seconds: number): Promise<void> {
  for (const field of ["refusedUs", "closedUntilUs"]) {
    await redis.admin.hincrbyfloat(keys.budget, field, -seconds * 1_000_000);
  }
  const fields = await redis.admin.hgetall(keys.budget);
  for (const field of ["refusedUs", "closedUntilUs"]) {
    await redis.admin.hset(keys.budget, field, Number(fields[field]).toFixed(0));
  }
}

test("calls of several processes share one rate", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 100, burst: 1 };
  const { budget: one } = await budgetOf(rate, account);
  const { budget: other } = await budgetOf(rate, account);
  const startedAt = performance.now(); // not the first call: that one may leave late
  const moments = await Promise.all(
    Array.from({ length: 40 }, (_, n) => call(n % 2 === 0 ? one : other)),
  );
  // 39 intervals; a little less for what the two estimates of Redis' clock may differ by.
  expect(Math.max(...moments) - startedAt).toBeGreaterThan((39 * 1_000) / (100 * HEADROOM) - 20);
});

test("no two calls of a process are closer together than the rate allows", async () => {
  const { budget } = await budgetOf({ ratePerSecond: 40, burst: 1 });
  const moments = (await Promise.all(Array.from({ length: 12 }, () => call(budget)))).sort(
    (a, b) => a - b,
  );
  const gaps = moments.slice(1).map((moment, n) => moment - (moments[n] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(1_000 / 40);
});

test("accounts do not wait for each other", async () => {
  const { budget: closed } = await budgetOf({ ratePerSecond: 10, burst: 1 });
  await closed.throttled({ retryAfterMs: 3_600_000 });
  const { budget: open } = await budgetOf({ ratePerSecond: 10, burst: 1 });
  await call(open);
  expect((await open.status()).closedUntil).toBeUndefined();
  expect((await closed.status()).closedUntil).toBeGreaterThan(Date.now() + 3_000_000);
});

test("a refusal closes the budget for every process, and is only ever prolonged", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 50, burst: 5 };
  const { budget: refused } = await budgetOf(rate, account);
  const { budget: other } = await budgetOf(rate, account);
  await call(other);
  await refused.throttled({ retryAfterMs: 60_000 });
  const { closedUntil } = await other.status();
  expect(closedUntil).toBeGreaterThan(Date.now() + 50_000);
  await other.throttled({ retryAfterMs: 10 });
  await other.throttled({ retryAfterMs: undefined });
  expect((await refused.status()).closedUntil).toBe(closedUntil);
  await other.throttled({ retryAfterMs: 120_000 });
  expect((await refused.status()).closedUntil).toBeGreaterThan((closedUntil ?? 0) + 50_000);
});

test("nothing leaves before the upstream wants to hear of us again; then calls leave paced, not in a burst", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 100, burst: 10 };
  const { budget: refused } = await budgetOf(rate, account);
  const { budget } = await budgetOf(rate, account);
  await call(budget);
  const closedAt = performance.now();
  await refused.throttled({ retryAfterMs: 400 });
  const moments = await Promise.all(Array.from({ length: 8 }, () => call(budget)));
  expect(Math.min(...moments) - closedAt).toBeGreaterThan(390);
  // Seen from the end of the closing: the first call may leave late on a busy machine.
  expect(Math.max(...moments) - closedAt).toBeGreaterThan(390 + (7 * 1_000) / (100 * HEADROOM));
});

test("after a pause a burst may leave at once, if one is allowed", async () => {
  const account = redis.account();
  const reserve = (burst: number): Promise<number[]> =>
    runScript(
      redis.admin,
      "reserveSlots",
      [`${account.keys.budget}:${burst}`],
      [10, burst, 5, 60_000_000, 0],
    ) as Promise<number[]>;
  const [, , , ...burst] = await reserve(5);
  const [, , , ...single] = await reserve(1);
  expect(spread(burst)).toBe(0);
  expect(spread(single)).toBeGreaterThanOrEqual(400_000);
});

test("without leave to burst the first calls are spaced wider, and soon no more", async () => {
  const { account } = await budgetOf({ ratePerSecond: 40, burst: 1 });
  const spacing = async (): Promise<number> => {
    const [, , , first = 0, second = 0] = (await runScript(
      redis.admin,
      "reserveSlots",
      [account.keys.budget],
      [40, 1, 2, 60_000_000, 0],
    )) as number[];
    return second - first;
  };
  expect(await spacing()).toBeGreaterThan(27_000);
  await redis.admin.hincrby(account.keys.budget, "busySinceUs", -5_000_000);
  expect(await spacing()).toBeCloseTo(25_000, -1);
  await redis.admin.hset(account.keys.budget, "tatUs", 1); // a long pause
  expect(await spacing()).toBeGreaterThan(27_000);
});

test("an urgent call passes everything that waits", async () => {
  const { budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  await budget.throttled({ retryAfterMs: 300 });
  const order: string[] = [];
  const waiting = ["bulk", "bulk", "bulk", "interactive"].map((priority) =>
    budget.acquire({ priority: priority as "bulk" }).then(() => order.push(priority)),
  );
  await Promise.all(waiting);
  expect(order).toEqual(["interactive", "bulk", "bulk", "bulk"]);
});

test("who gives up waiting takes nobody's turn", async () => {
  const { budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  await budget.throttled({ retryAfterMs: 200 });
  const controller = new AbortController();
  const reason = new Error("enough");
  const given = budget.acquire({ priority: "bulk", signal: controller.signal });
  const kept = budget.acquire({ priority: "bulk" });
  controller.abort(reason);
  await expect(given).rejects.toBe(reason);
  await expect(budget.acquire({ priority: "bulk", signal: controller.signal })).rejects.toBe(
    reason,
  );
  await (await kept).due();
});

test("what was refused is approached slowly, kept away from for a while, then tried again", async () => {
  const { account, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  const rate = async (): Promise<number> => (await budget.status()).ratePerSecond;
  const configured = 100 * HEADROOM;
  expect(await rate()).toBeCloseTo(configured, 1);
  await budget.throttled({ retryAfterMs: 0 });
  expect(await rate()).toBeLessThan(configured * 0.87);
  await letPass(account, 10);
  const held = await rate();
  expect(held).toBeLessThan(configured * 0.97);
  expect(held).toBeGreaterThan(configured * 0.94);
  await letPass(account, 5);
  expect(await rate()).toBeCloseTo(held, 1);
  await letPass(account, 60);
  expect(await rate()).toBeCloseTo(configured, 1);
  await call(budget);
  expect(await redis.admin.hexists(account.keys.budget, "ceiling")).toBe(0);
});

test("refusals of calls already under way count once", async () => {
  const { budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  await budget.throttled({ retryAfterMs: 0 });
  const { ratePerSecond: once } = await budget.status(); // rises a little with every millisecond
  for (let n = 0; n < 5; n += 1) {
    await budget.throttled({ retryAfterMs: 0 });
  }
  expect((await budget.status()).ratePerSecond).toBeGreaterThan(once - 1);
});

test("a storm that refuses every call, and an upstream that is unwell, say nothing about the rate", async () => {
  const { account, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  const rate = async (): Promise<number> => (await budget.status()).ratePerSecond;
  for (let n = 0; n < 10; n += 1) {
    await budget.throttled({ retryAfterMs: 0, isForRate: false });
    await letPass(account, 2);
  }
  expect(await rate()).toBeCloseTo(100 * HEADROOM, 1);
  for (let n = 0; n < 10; n += 1) {
    await budget.throttled({ retryAfterMs: 0 });
    await letPass(account, 2);
  }
  expect(await rate()).toBeGreaterThan(100 * HEADROOM * 0.84);
});

test("a lower limit is found in a few refusals; the rate never falls below a floor", async () => {
  const { account, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  const refuse = async (): Promise<number> => {
    budget.succeeded();
    await budget.throttled({ retryAfterMs: 0 });
    await letPass(account, 2);
    return (await budget.status()).ratePerSecond;
  };
  let rate = 100;
  let refusals = 0;
  while (rate > 50 && refusals < 10) {
    rate = await refuse();
    refusals += 1;
  }
  expect(rate).toBeLessThan(50);
  for (let n = 0; n < 60; n += 1) {
    rate = await refuse();
  }
  expect(rate).toBeGreaterThan(4);
  expect(rate).toBeLessThan(6);
});

test("the same limit found again is tried less and less often", async () => {
  const { account, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  const holds: number[] = [];
  for (let n = 0; n < 4; n += 1) {
    budget.succeeded();
    await budget.throttled({ retryAfterMs: 0 });
    const held = Number(await redis.admin.hget(account.keys.budget, "holdUs")) / 1_000_000;
    holds.push(held);
    await letPass(account, held + 1);
  }
  expect(holds).toEqual([20, 40, 60, 60]);
});

test("a call that left late makes the next one keep its distance, in every process", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 10, burst: 1 };
  const { budget: late } = await budgetOf(rate, account);
  const { budget: other } = await budgetOf(rate, account);
  await call(other);
  const permit = await late.acquire({ priority: "bulk" });
  await permit.due();
  const before = Number(await redis.admin.hget(account.keys.budget, "tatUs"));
  await new Promise((resolve) => setTimeout(resolve, 60)); // a slow socket
  permit.sent();
  await expect
    .poll(async () => Number(await redis.admin.hget(account.keys.budget, "tatUs")), SOON)
    .toBeGreaterThan(before);
});
