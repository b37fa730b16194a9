import { setTimeout as sleep } from "node:timers/promises";
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

/** What one process is told that wants so many moments; nothing further ahead than `horizonMs` is given to bulk. */
async function reserve(
  { keys }: Account,
  wanted: {
    interactive?: number;
    bulk?: number;
    rate?: number;
    burst?: number;
    /** Default twice the burst that is used. */
    allowedBurst?: number;
  },
  { horizonMs = 60_000, coldMs = 0 } = {},
) {
  const { interactive = 0, bulk = 0, rate = 10, burst = 1 } = wanted;
  const { allowedBurst = burst === 1 ? 1 : 2 * burst } = wanted;
  const [now = 0, , , interactiveAsk = 0, bulkAsk = 0, ...moments] = (await runScript(
    redis.admin,
    "reserveSlots",
    [keys.budget],
    [rate, burst, interactive, bulk, horizonMs * 1_000, 0, coldMs * 1_000, 0, 0, allowedBurst],
  )) as number[];
  return { now, interactiveAsk, bulkAsk, moments, inMs: moments.map((us) => (us - now) / 1_000) };
}

test("after a pause a burst may leave at once, if one is allowed", async () => {
  expect(spread((await reserve(redis.account(), { bulk: 5, burst: 5 })).inMs)).toBe(0);
  expect(spread((await reserve(redis.account(), { bulk: 5, burst: 1 })).inMs)).toBeCloseTo(400);
});

test("a burst and what follows it within a second are no more than the rate", async () => {
  const { inMs } = await reserve(redis.account(), { bulk: 60, rate: 19, burst: 5 });
  for (const [n, first] of inMs.entries()) {
    expect(inMs.slice(n).filter((ms) => ms - first < 1_000).length).toBeLessThanOrEqual(20);
  }
  expect(inMs[59]).toBeLessThan((60 / 19) * 1_000); // and nothing is lost by it
});

test("the first calls of a process are spaced wider, and soon no more", async () => {
  const { inMs } = await reserve(redis.account(), { bulk: 8, rate: 40 }, { coldMs: 20 });
  const gaps = inMs.slice(1).map((ms, n) => ms - (inMs[n] ?? 0));
  expect(gaps[0]).toBeCloseTo(45, 1);
  expect(gaps[6]).toBeLessThan(26);
});

/** The distances between the next moments, after nobody took any for so long although calls waited. */
async function gapsAfterLoss(
  account: Account,
  lostMs: number,
  rate = 100,
  { allowedBurst = 1, moments = 60 } = {},
): Promise<number[]> {
  await reserve(account, { bulk: 1, rate });
  const [seconds = 0, micros = 0] = (await redis.admin.time()).map(Number);
  const tatUs = seconds * 1_000_000 + micros - lostMs * 1_000;
  await redis.admin.hset(account.keys.budget, "tatUs", String(tatUs));
  const { inMs } = await reserve(account, { bulk: moments, rate, allowedBurst });
  return inMs.slice(1).map((ms, n) => ms - (inMs[n] ?? 0));
}

test("time lost while calls waited is made up for within the headroom, and no more than that", async () => {
  const moments = 1_000; // enough to make up for what Redis may take here, too
  const gaps = await gapsAfterLoss(redis.account(), 5, 100, { moments });
  expect(gaps[0]).toBeCloseTo(10, 1); // what is lost is known from the first moment after it
  expect(gaps[1]).toBeCloseTo(9.75, 2);
  expect(gaps.at(-1)).toBeCloseTo(10, 2);
  const punctual = await gapsAfterLoss(redis.account(), 5, 20);
  expect(punctual[1]).toBeCloseTo(49.75, 2);
  expect((await gapsAfterLoss(redis.account(), 5, 20, { allowedBurst: 2 }))[1]).toBeCloseTo(
    49.5,
    2,
  );
});

/** A call of this account left so late, so long ago. */
async function leftLate({ keys }: Account, lateMs: number, agoMs = 0): Promise<void> {
  const [seconds = 0, micros = 0] = (await redis.admin.time()).map(Number);
  const leftUs = seconds * 1_000_000 + micros - agoMs * 1_000;
  await runScript(redis.admin, "delayBudget", [keys.budget], [leftUs, 100, 0, lateMs * 1_000]);
}

test("the later a call left in the last second, the less is made up for", async () => {
  const shortestGapAfter = async (...late: readonly [lateMs: number, agoMs?: number][]) => {
    const account = redis.account();
    for (const [lateMs, agoMs] of late) {
      await leftLate(account, lateMs, agoMs);
    }
    return Math.min(...(await gapsAfterLoss(account, 50)));
  };
  expect(await shortestGapAfter([20])).toBeCloseTo(9.85, 2);
  expect(await shortestGapAfter([30, 500], [12])).toBeCloseTo(9.95, 2);
  expect(await shortestGapAfter([40])).toBeCloseTo(10, 2);
  expect(await shortestGapAfter([40, 2_000], [12])).toBeCloseTo(9.77, 2);
});

test.each([
  { burst: 2, gapMs: 5 },
  { burst: 3, gapMs: 4.97 },
  { burst: 20, gapMs: 4.84 },
])("with a burst of $burst no more is made up for than its bucket forgives", async (given) => {
  const { burst, gapMs } = given;
  const account = redis.account();
  // No moment is free for the next seconds, so none of the burst comes back however long this takes.
  const [seconds = 0] = (await redis.admin.time()).map(Number);
  const busyUntil = { tatUs: (seconds + 5) * 1_000_000, behindUs: 100_000 };
  await redis.admin.hset(account.keys.budget, busyUntil);
  const { inMs } = await reserve(account, { bulk: 60, rate: 200, burst });
  const gaps = inMs.slice(1).map((ms, n) => ms - (inMs[n] ?? 0));
  expect(Math.min(...gaps)).toBeCloseTo(gapMs, 2);
});

test("nothing is made up for after a pause or a refusal", async () => {
  const paused = await gapsAfterLoss(redis.account(), 1_000);
  expect(Math.min(...paused)).toBeCloseTo(10, 2);

  const { account: refused, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  await budget.throttled({ retryAfterMs: 0 });
  expect(Math.min(...(await gapsAfterLoss(refused, 50, 95)))).toBeGreaterThan(10.5);
});

test("calls of several processes that missed their moments leave one after the other", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 20, burst: 1 };
  const budgets = [1, 2, 3].map(() => account.openLaneQueue({ rate }).budget);
  const permits = await Promise.all(budgets.map((budget) => budget.acquire({ priority: "bulk" })));
  await sleep(400); // as when Redis does not answer what is asked before a call for so long
  const startedAt = performance.now(); // not the first call: on a busy machine that one leaves late
  const moments = await Promise.all(
    permits.map(async (permit) => {
      expect(await permit.due()).toBe(true);
      const leftAt = performance.now();
      permit.sent();
      return leftAt;
    }),
  );
  // And whoever comes next, too.
  moments.push(...(await Promise.all(budgets.map((budget) => call(budget)))));
  const intervalMs = 1_000 / (20 * HEADROOM);
  for (const [n, moment] of moments.sort((a, b) => a - b).entries()) {
    // A little less for what the estimates of Redis' clock differ by.
    expect(moment - startedAt).toBeGreaterThan((n - 0.5) * intervalMs);
  }
});

test("an answer that takes unusually long may be a call that was counted late", async () => {
  const { account, budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  const worstMs = async (): Promise<number> =>
    Number(await redis.admin.hget(account.keys.budget, "worstUs")) / 1_000;
  const answerAfter = async (ms: number): Promise<void> => {
    const permit = await budget.acquire({ priority: "bulk" });
    await permit.due();
    permit.sent();
    await sleep(ms);
    permit.answered();
  };
  for (let n = 0; n < 5; n += 1) {
    await answerAfter(0);
  }
  const before = await worstMs();
  await answerAfter(before + 500);
  await expect.poll(worstMs, SOON).toBeGreaterThan(before);
});

test("calls that left later than the upstream forgives move the next ones, once for all of a stall", async () => {
  const account = redis.account();
  await reserve(account, { bulk: 1, rate: 100, burst: 5 });
  const tatUs = async (): Promise<number> =>
    Number(await redis.admin.hget(account.keys.budget, "tatUs"));
  const before = await tatUs();
  for (const [afterMs, excessMs] of [
    [50, 30],
    [55, 35],
    [60, 5],
    [400, 10],
  ] as const) {
    const args = [before + afterMs * 1_000, 100, excessMs * 1_000, (excessMs + 40) * 1_000];
    await runScript(redis.admin, "delayBudget", [account.keys.budget], args);
  }
  expect(((await tatUs()) - before) / 1_000).toBeCloseTo(45, 1);
});

test("the next moment that nobody has is an interactive call's, whatever bulk waits", async () => {
  const account = redis.account();
  const given = await reserve(account, { bulk: 16, rate: 0.1 }, { horizonMs: 60 });
  expect(given.moments).toHaveLength(1); // 10 s apart: bulk cannot have more than one
  const urgent = await reserve(account, { interactive: 1, rate: 0.1 }, { horizonMs: 60 });
  expect(urgent.inMs[0]).toBeLessThan(10_001);
  const later = await reserve(account, { bulk: 16, rate: 0.1 }, { horizonMs: 60 });
  expect(later.moments).toEqual([]);
  expect(later.bulkAsk).toBeGreaterThan(urgent.moments[0] ?? 0);
});

test("bulk gets a tenth however much is urgent, and nothing is kept free when none waits", async () => {
  const account = redis.account();
  const alone = await reserve(account, { interactive: 30, rate: 100 });
  expect(alone.moments).toHaveLength(30);
  expect(spread(alone.inMs)).toBeCloseTo(290);

  const other = redis.account();
  const near = { horizonMs: 60 };
  await reserve(other, { bulk: 2, rate: 0.1 }, near); // one is given, one has to wait
  await redis.admin.hset(other.keys.budget, "interactiveRun", 9);
  const refused = await reserve(other, { interactive: 1, rate: 0.1 }, near);
  expect(refused.moments).toEqual([]);
  // Bulk sees the moment 60 ms ahead; when it leaves it, an interactive call still gets it.
  expect(refused.interactiveAsk - refused.now).toBeGreaterThan(5_000_000);
  expect(refused.interactiveAsk - refused.now).toBeLessThan(10_000_000);
  await reserve(other, { bulk: 1, rate: 0.1 }); // bulk had its turn
  expect((await reserve(other, { interactive: 1, rate: 0.1 }, near)).moments).toHaveLength(1);
});

test("processes that wait for a moment are told different times to ask again", async () => {
  const account = redis.account();
  const told: number[] = [];
  for (let process = 0; process < 3; process += 1) {
    told.push((await reserve(account, { bulk: 4, rate: 1 }, { horizonMs: 60 })).bulkAsk);
  }
  const gaps = told.slice(1).map((us, n) => (us - (told[n] ?? 0)) / 1_000);
  expect(gaps[0]).toBeCloseTo(1_000, 0);
  expect(gaps[1]).toBeCloseTo(1_000, 0);
});

test("a process that is configured lower does not undo what the others learned", async () => {
  const account = redis.account();
  const { budget: high } = await budgetOf({ ratePerSecond: 100, burst: 1 }, account);
  const { budget: low } = await budgetOf({ ratePerSecond: 10, burst: 1 }, account);
  await call(high);
  await high.throttled({ retryAfterMs: 0 });
  await call(low);
  expect((await low.status()).ratePerSecond).toBeCloseTo(10 * HEADROOM, 1);
  expect((await high.status()).ratePerSecond).toBeLessThan(100 * HEADROOM * 0.97);
  await letPass(account, 2);
  low.succeeded();
  await low.throttled({ retryAfterMs: 0 }); // it is the rate of all that was too high, not its own
  expect((await high.status()).ratePerSecond).toBeGreaterThan(40);
});

test("a permit given before a closing is void, also while it waits for a socket", async () => {
  const { budget } = await budgetOf({ ratePerSecond: 10, burst: 1 });
  const given = await budget.acquire({ priority: "bulk" });
  await budget.throttled({ retryAfterMs: 60_000 });
  expect(await given.due()).toBe(false);
  expect(given.sent()).toBe(false);
});

test("a moment reserved further ahead is void when another process heard of a closing since", async () => {
  const account = redis.account();
  const rate = { ratePerSecond: 2, burst: 1 };
  const { budget: urgent } = await budgetOf(rate, account);
  const { budget: other } = await budgetOf(rate, account);
  await call(other); // the next moment is half a second away, far beyond what bulk may have
  const given = urgent.acquire({ priority: "interactive" });
  await expect
    .poll(async () => Number(await redis.admin.hget(account.keys.budget, "interactiveRun")), SOON)
    .toBe(1);
  await other.throttled({ retryAfterMs: 60_000 });
  expect(await (await given).due()).toBe(false);
});

test.each([
  { asked: 365 * 24 * 3_600_000, atMostMs: 3_600_000 },
  { asked: -5_000, atMostMs: 0 },
])("a closing of $asked ms lasts at most $atMostMs ms", async ({ asked, atMostMs }) => {
  const { budget } = await budgetOf({ ratePerSecond: 100, burst: 1 });
  await budget.throttled({ retryAfterMs: asked });
  expect((await budget.status()).closedForMs).toBeLessThanOrEqual(atMostMs);
  expect((await budget.status()).closedForMs).toBeGreaterThanOrEqual(atMostMs - 10_000);
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
  expect(held).toBeLessThan(configured * 0.98);
  expect(held).toBeGreaterThan(configured * 0.94);
  await letPass(account, 5);
  expect(await rate()).toBeCloseTo(held, 1);
  await letPass(account, 60);
  expect(await rate()).toBeCloseTo(configured, 1);
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
  for (let n = 0; n < 200; n += 1) {
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
  expect(holds).toEqual([20, 40, 50, 50]);
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
