import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCallerRate, usualCallerRate } from "../src/caller-rate.ts";
import { gatewayRig, send } from "./support/gateway-rig.ts";

function rateAt(perSecond: number) {
  const clock = { now: 1_000_000 };
  return { clock, takeTurn: createCallerRate(perSecond, () => clock.now) };
}

/** How many of so many requests pass at once. */
function passing(takeTurn: (subject: string) => number | undefined, count: number, who = "a") {
  return Array.from({ length: count }, () => takeTurn(who)).filter((wait) => wait === undefined)
    .length;
}

describe("the rate of a caller", () => {
  test("two seconds' worth pass at once, then as many a second as may", () => {
    const { clock, takeTurn } = rateAt(10);
    expect(passing(takeTurn, 100)).toBe(20);
    clock.now += 1_000;
    expect(passing(takeTurn, 100)).toBe(10);
    clock.now += 60_000;
    expect(passing(takeTurn, 100)).toBe(20);
  });

  test("who is refused passes after the time it was told, and not before; asking costs nothing", () => {
    const { clock, takeTurn } = rateAt(10);
    passing(takeTurn, 20);
    const waitMs = takeTurn("a");
    expect(waitMs).toBeCloseTo(100);
    passing(takeTurn, 1_000);
    clock.now += 99;
    expect(takeTurn("a")).toBeCloseTo(1);
    clock.now += 1.001;
    expect(takeTurn("a")).toBeUndefined();
  });

  test("one caller's requests are not another's", () => {
    const { takeTurn } = rateAt(10);
    passing(takeTurn, 100, "a");
    expect(passing(takeTurn, 100, "b")).toBe(20);
  });

  test("a rate below one a second lets one through at a time", () => {
    const { clock, takeTurn } = rateAt(0.1);
    expect(passing(takeTurn, 5)).toBe(1);
    clock.now += 10_001;
    expect(passing(takeTurn, 5)).toBe(1);
  });

  test("somebody's first request passes at every rate and time", () => {
    const rate = fc.double({ min: 1e-3, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(rate, fc.double({ min: 0, max: 1e9, noNaN: true }), (perSecond, now) => {
        expect(createCallerRate(perSecond, () => now)("a")).toBeUndefined();
      }),
    );
  });

  test("0 is any number", () => {
    expect(passing(rateAt(0).takeTurn, 10_000)).toBe(10_000);
  });

  test("whatever the times, no span of them lets more through than its share and the burst", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 }), (gaps) => {
        const { clock, takeTurn } = rateAt(5);
        const passed: number[] = [];
        for (const gap of gaps) {
          clock.now += gap > 2_900 ? gap : gap % 150; // mostly close together
          if (takeTurn("a") === undefined) {
            passed.push(clock.now);
          }
        }
        for (const [at, from] of passed.entries()) {
          for (const [more, to] of passed.slice(at).entries()) {
            expect(more + 1).toBeLessThanOrEqual(10 + ((to - from) / 1_000) * 5 + 1e-6);
          }
        }
      }),
    );
  });

  test("is a thousand a second with sign-in, and none without", () => {
    expect(usualCallerRate({ GATEWAY_AUTH: "jwt" })).toBe(1_000);
    expect(usualCallerRate({ GATEWAY_AUTH: "dev" })).toBe(0);
  });
});

describe("over HTTP", () => {
  const rig = gatewayRig();

  test("one request too many is answered with 429 and when to come back; health is not counted", async () => {
    const origin = await rig.start({ CALLER_RATE: "0.01" });
    expect((await send(origin, { query: "{ __typename }" })).status).toBe(200);
    const refused = await send(origin, { query: "{ __typename }" });
    expect(refused).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(90);
    expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  });
});
