import { describe, expect, test } from "vitest";
import { createRateLimiter, type RateLimit } from "../src/rate-limiter.ts";
import { call, patch, REFERRAL, start } from "./harness.ts";

const limit: RateLimit = { limiter: "token-bucket", rate: 10, burst: 1, penaltyMs: 0 };

function passed(settings: RateLimit, timesMs: readonly number[]): boolean[] {
  const check = createRateLimiter(settings);
  return timesMs.map((ms) => check(ms).isAllowed);
}

describe("token bucket", () => {
  test("evenly spaced requests at the rate all pass", () => {
    const times = Array.from({ length: 200 }, (_, index) => index * 100);
    expect(passed(limit, times)).not.toContain(false);
  });

  test("a request too early is refused and costs nothing", () => {
    expect(passed(limit, [0, 99, 100, 150, 200])).toEqual([true, false, true, false, true]);
  });

  test("the burst may come at once, and fills up again", () => {
    const settings = { ...limit, burst: 3 };
    expect(passed(settings, [0, 0, 0, 0])).toEqual([true, true, true, false]);
    expect(passed(settings, [0, 0, 0, 5000, 5000, 5000, 5000]).slice(3)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("says how long to wait", () => {
    const check = createRateLimiter(limit);
    check(0);
    expect(check(40)).toEqual({ isAllowed: false, retryAfterMs: expect.closeTo(60, 6) });
  });
});

describe("sliding window", () => {
  const settings: RateLimit = { ...limit, limiter: "sliding-window", rate: 3 };

  test("no second ever holds more than the rate", () => {
    const times = [0, 10, 900, 950, 999, 1000, 1001, 1010];
    expect(passed(settings, times)).toEqual([true, true, true, false, false, true, false, true]);
  });

  test("a rate below one a second means a longer window", () => {
    expect(passed({ ...settings, rate: 0.5 }, [0, 1000, 1999, 2000])).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe("penalty", () => {
  const settings = { ...limit, penaltyMs: 1000 };

  test("refuses everything until it is over, and refusals do not extend it", () => {
    expect(passed(settings, [0, 50, 150, 900, 1049, 1050])).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});

/** A simulator whose clock the test moves. */
async function startAt(options: Parameters<typeof start>[0]) {
  const clock = { ms: 1000 };
  const simulator = await start({
    limiter: "token-bucket",
    rate: 1,
    nowMs: () => clock.ms,
    ...options,
  });
  return { simulator, clock };
}

test.each([
  ["seconds", /^1$/],
  ["date", /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/],
  ["absent", /^none$/],
] as const)("429 with Retry-After as %s", async (retryAfter, expected) => {
  const { simulator, clock } = await startAt({ retryAfter });
  expect((await call(simulator, "GET", REFERRAL)).status).toBe(200);
  const refused = await call(simulator, "GET", REFERRAL);
  expect(refused.status).toBe(429);
  expect(refused.body.error).toMatchObject({ message: expect.any(String) });
  expect(refused.headers.get("retry-after") ?? "none").toMatch(expected);
  clock.ms += 1000;
  expect((await call(simulator, "GET", REFERRAL)).status).toBe(200);
});

test("reads and writes share the budget, unless writes have their own", async () => {
  const change = [{ op: "replace", path: "/details/notes", value: "x" }];
  const shared = await startAt({});
  await call(shared.simulator, "GET", REFERRAL);
  expect((await patch(shared.simulator, change)).status).toBe(429);
  const separate = await startAt({ writeRate: 1 });
  await call(separate.simulator, "GET", REFERRAL);
  expect((await patch(separate.simulator, change)).status).toBe(200);
  expect((await patch(separate.simulator, change)).status).toBe(429);
});

test("a refused write changes nothing and is counted", async () => {
  const { simulator } = await startAt({});
  await call(simulator, "GET", REFERRAL);
  await patch(simulator, [{ op: "replace", path: "/details/notes", value: "x" }]);
  const { counters } = simulator.control.state();
  expect(counters).toMatchObject({ throttled: 1, applied: 0, byStatus: { 200: 1, 429: 1 } });
});

test("limits can be changed while running", async () => {
  const { simulator } = await startAt({});
  simulator.control.setLimits({ limiter: "none" });
  for (let index = 0; index < 5; index += 1) {
    expect((await call(simulator, "GET", REFERRAL)).status).toBe(200);
  }
  expect(() => simulator.control.setLimits({ rate: 0 })).toThrow(RangeError);
});
