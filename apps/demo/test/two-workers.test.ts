import { expect, test } from "vitest";
import { compare } from "../src/compare.ts";
import { gatewayAt } from "../src/graphql-client.ts";
import { submitMany, untilSettled } from "../src/many-updates.ts";
import { clearUpstreamLog, readReferralIds, readUpstreamLog } from "../src/upstream-log.ts";
import { useStack } from "./stack.ts";

const LIMIT_PER_SECOND = 60;
const stack = useStack({
  ratePerSecond: LIMIT_PER_SECOND,
  // One second's worth: on a busy machine the simulator itself may not be heard for a moment, and then gets all at once.
  simulatorArguments: ["--burst", String(LIMIT_PER_SECOND), "--limiter", "token-bucket"],
  workers: 2,
});

test("1,000 updates on 100 referrals through two workers: all applied once, in order, within the limit", async () => {
  const ask = gatewayAt(stack().gatewayUrl);
  const ids = await readReferralIds(stack().upstreamUrl, 100);
  await clearUpstreamLog(stack().controlUrl);

  const submitted = await submitMany(ask, ids, 1_000);
  const fates = await untilSettled(ask, submitted, 180_000, () => {});
  const seen = compare(submitted, fates, await readUpstreamLog(stack().controlUrl));

  expect(seen).toMatchObject({
    accepted: 1_000,
    applied: 1_000,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    mostAtOnce: 1,
    reads: 0,
    refusals: 0,
  });
  expect(seen.writes).toBeGreaterThanOrEqual(ids.length);
  expect(seen.writes).toBeLessThanOrEqual(1_000);
}, 240_000);
