import { startLocalRedis } from "@patchlane/local-redis";
import { startSimulator } from "@patchlane/simulator";
import { expect, onTestFinished, test, vi } from "vitest";
import { UPDATE, UPDATE_BY_ID, type UpdateData } from "./support/documents.ts";
import { listen, post } from "./support/listening.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import { type Stack, startStack } from "./support/stack.ts";

test("starts without Redis, says so to callers, and works once Redis is there", async () => {
  const [redis, simulator] = await Promise.all([
    startLocalRedis(),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
  onTestFinished(async () => {
    await redis.stop();
    await simulator.close();
  });
  await redis.kill();
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: simulator.url });
  const input = { referralId: newReferral(simulator), changes: { name: "x" }, waitMs: 0 };
  const needsState = { ...input, changes: { status: "Active" } };
  for (const each of [input, needsState, { ...needsState, dryRun: true }]) {
    expect(await post(origin, UPDATE, { input: each })).toEqual({
      data: {
        updateReferral: {
          __typename: "ServiceUnavailableError",
          message: expect.stringContaining("nothing was accepted"),
          retryAfterMs: expect.any(Number),
        },
      },
    });
  }
  const unavailable = { extensions: { code: "SERVICE_UNAVAILABLE", retryAfterMs: 1000 } };
  expect(await post(origin, UPDATE_BY_ID, { id: "upd_1" })).toMatchObject({
    errors: [unavailable],
  });
  expect(await post(origin, "{ queue { waiting } }")).toMatchObject({ errors: [unavailable] });

  await redis.restart();
  await vi.waitFor(
    async () => {
      expect(await post(origin, UPDATE, { input })).toMatchObject({
        data: { updateReferral: { update: { state: "QUEUED" } } },
      });
    },
    { timeout: 30_000, interval: 50 },
  );
  expect(await post(origin, "{ queue { waiting } }")).toEqual({ data: { queue: { waiting: 1 } } });
});

interface Sent {
  readonly referralId: string;
  readonly typename: string;
  readonly tookMs: number;
}

/** Sends updates, each to a referral of its own, until told to stop; every other one needs a look at the state. */
async function keepSending(stack: Stack, sent: Sent[], stop: AbortSignal): Promise<void> {
  for (let count = 0; !stop.aborted; count += 1) {
    const referralId = newReferral(stack.simulator);
    const changes = count % 2 === 0 ? { name: "under load" } : { status: "Active" };
    const input = { referralId, changes, waitMs: 0 };
    const askedAt = performance.now();
    const { data } = await stack.ask<UpdateData>(UPDATE, { input });
    const tookMs = performance.now() - askedAt;
    sent.push({ referralId, typename: data.updateReferral.__typename, tookMs });
  }
}

/** Measures for how long (ms) this process got nothing done although it had something to do. */
function watchStalls(): { stalledMs: () => number; stop: () => void } {
  const everyMs = 10;
  let stalledMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    stalledMs += Math.max(0, now - last - everyMs);
    last = now;
  }, everyMs);
  return { stalledMs: () => stalledMs, stop: () => clearInterval(timer) };
}

test("Redis frozen for seconds under load: typed answers, and exactly what was accepted is done", async () => {
  const stack = await startStack();
  onTestFinished(() => stack.close());
  stack.startWorker();
  const sent: Sent[] = [];
  const of = (typename: string): Sent[] => sent.filter((each) => each.typename === typename);
  const accepted = (): Sent[] => of("UpdateReferralPayload");
  const unavailable = (): Sent[] => of("ServiceUnavailableError");
  const until = (isSo: () => boolean) =>
    vi.waitFor(() => expect(isSo()).toBe(true), { timeout: 40_000, interval: 5 });
  const stop = new AbortController();
  const senders = Array.from({ length: 8 }, () => keepSending(stack, sent, stop.signal));

  await until(() => accepted().length >= 40);
  const stalls = watchStalls();
  onTestFinished(() => stalls.stop());
  await stack.redis.pause();
  await until(() => unavailable().length >= 16);
  await stack.redis.resume();
  const stalledMs = stalls.stalledMs();
  const acceptedSoFar = accepted().length;
  await until(() => accepted().length >= acceptedSoFar + 40);
  stop.abort();
  await Promise.all(senders);

  expect(accepted().length + unavailable().length).toBe(sent.length);
  // Promised are two seconds, of a machine that has them for us. Queueing behind a silent Redis took three to six.
  expect(Math.max(...unavailable().map(({ tookMs }) => tookMs))).toBeLessThan(2_700 + stalledMs);
  await vi.waitFor(
    async () => {
      const { QUEUED, SENDING, APPLIED } = await stack.queue.ledger.counts();
      expect([QUEUED, SENDING, APPLIED]).toEqual([0, 0, accepted().length]);
    },
    { timeout: 40_000, interval: 50 },
  );
  for (const { referralId } of accepted()) {
    expect(patchesOf(stack.simulator, referralId)).toHaveLength(1);
  }
  for (const { referralId } of unavailable()) {
    expect(patchesOf(stack.simulator, referralId)).toEqual([]);
    expect((await stack.queue.ledger.listOfReferral(referralId, 1)).totalCount).toBe(0);
  }
}, 180_000);
