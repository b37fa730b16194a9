import { expect, test } from "vitest";
import { limiterOf } from "../src/upstream/limiter.ts";
import { startUpstream } from "../src/upstream/start-upstream.ts";

test("a bucket lets a burst in and then the rate, and refuses for a while after a refusal", () => {
  const refusal = limiterOf({ kind: "bucket", ratePerSecond: 10, burst: 2, penaltyMs: 1_000 });
  expect([0, 0, 100, 200, 250, 1_249, 1_250].map(refusal)).toEqual([
    ...Array(4).fill(undefined),
    1_000,
    1,
    undefined,
  ]);
});

test("a window lets so many in within any second", () => {
  const refusal = limiterOf({ kind: "window", ratePerSecond: 2, burst: 1, penaltyMs: 0 });
  expect([0, 500, 1_000, 1_499, 1_500].map(refusal)).toEqual([
    ...Array(3).fill(undefined),
    0,
    undefined,
  ]);
});

test("the upstream answers a referral with a new ETag and knows who called when", async () => {
  const upstream = await startUpstream();
  try {
    const before = Number(process.hrtime.bigint()) / 1e6;
    const patched = await fetch(`${upstream.url}/engagements/referrals/r-1`, { method: "PATCH" });
    const { id, eTag, team } = (await patched.json()) as Record<string, unknown>;
    expect([id, eTag, team]).toEqual(["r-1", patched.headers.get("etag"), expect.any(Array)]);
    const [call] = await upstream.calls();
    expect(call).toMatchObject({ method: "PATCH", referralId: "r-1", status: 200 });
    expect(call?.at).toBeGreaterThanOrEqual(before);
    await upstream.forget();
    expect(await upstream.calls()).toEqual([]);
  } finally {
    await upstream.stop();
  }
});
