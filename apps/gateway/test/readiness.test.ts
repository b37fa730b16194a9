import { startLocalRedis } from "@patchlane/local-redis";
import { startSimulator } from "@patchlane/simulator";
import { openUpdateQueue } from "@patchlane/update-queue";
import { expect, onTestFinished, test, vi } from "vitest";
import { readinessOf } from "../src/readiness.ts";
import type { Services } from "../src/services.ts";
import { openLanes } from "./support/bulk.ts";
import { startIssuer } from "./support/issuer.ts";
import { listen } from "./support/listening.ts";

async function upstream() {
  const simulator = await startSimulator({ limiter: "none", referrals: 1 });
  onTestFinished(() => simulator.close());
  return simulator;
}

async function redisWith(options: { durable: boolean }) {
  const redis = await startLocalRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

/** Asks until the answer is as wanted; answers are kept for a moment, and connections take one. */
async function untilReady(origin: string, wanted: { status: number; body: object }): Promise<void> {
  await vi.waitFor(
    async () => {
      const response = await fetch(`${origin}/health/ready`);
      expect({ status: response.status, body: await response.json() }).toMatchObject(wanted);
    },
    { timeout: 30_000, interval: 50 },
  );
}

const ok = { status: "ok" };

/** A worker that says that it is there. */
function announcedOn(redisUrl: string): { stop(): Promise<void> } {
  const queue = openLanes(redisUrl);
  return queue.workers.announce();
}

test("ready when everything is there; 503 with the reason while Redis is away; ready again by itself", async () => {
  const [redis, simulator] = await Promise.all([redisWith({ durable: true }), upstream()]);
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: simulator.url });
  announcedOn(redis.url);
  const checks = { redis: ok, durability: ok, signIn: ok, upstream: ok, workers: ok };
  const allWell = { status: 200, body: { status: "ready", checks } };
  await untilReady(origin, allWell);
  await redis.kill();
  await untilReady(origin, {
    status: 503,
    body: {
      status: "unavailable",
      checks: {
        redis: { status: "failing", reason: expect.stringMatching(/Redis does not take writes/) },
      },
    },
  });
  await redis.restart();
  await untilReady(origin, allWell);
});

test("degraded, with the reason, when Redis may lose what it accepted", async () => {
  const [redis, simulator] = await Promise.all([redisWith({ durable: false }), upstream()]);
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: simulator.url });
  await untilReady(origin, {
    status: 200,
    body: {
      status: "degraded",
      checks: {
        redis: ok,
        durability: { status: "failing", reason: expect.stringMatching(/appendfsync everysec/) },
        upstream: ok,
      },
    },
  });
});

test("degraded, with the reason, when nothing can be sent", async () => {
  const redis = await redisWith({ durable: true });
  // Nothing listens on port 1; a port that was free a moment ago may be somebody else's by now.
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: "http://127.0.0.1:1/v1.0" });
  const queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: () => {},
  });
  onTestFinished(() => queue.close());
  await vi.waitFor(() => queue.account.paused("the refresh token was refused"), {
    timeout: 20_000,
  });
  await untilReady(origin, {
    status: 200,
    body: {
      status: "degraded",
      checks: {
        redis: ok,
        durability: ok,
        signIn: { status: "failing", reason: "account paused: the refresh token was refused" },
        upstream: {
          status: "failing",
          reason: expect.stringMatching(/cannot be reached: ECONNREFUSED/),
        },
      },
    },
  });
});

test("degraded, with the reason, while no worker is there; a worker that stops is not missed at once", async () => {
  const [redis, simulator] = await Promise.all([redisWith({ durable: true }), upstream()]);
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: simulator.url });
  await untilReady(origin, {
    status: 200,
    body: {
      status: "degraded",
      checks: {
        workers: { status: "failing", reason: expect.stringMatching(/no worker is running/) },
      },
    },
  });
  const worker = announcedOn(redis.url);
  const ready = { status: 200, body: { status: "ready", checks: { workers: ok } } };
  await untilReady(origin, ready);
  await worker.stop();
  await untilReady(origin, ready);
});

test.each([
  [29_000, "ok"],
  [31_000, "failing"],
] as const)("workers last seen %i ms ago: %s", async (lastSeenMsAgo, status) => {
  const redis = await redisWith({ durable: true });
  const queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: () => {},
  });
  onTestFinished(() => queue.close());
  await queue.untilConnected(20_000);
  const workers = { ...queue.workers, read: async () => ({ alive: 0, lastSeenMsAgo }) };
  const services = { queue: { ...queue, workers } } as unknown as Services;
  const { checks } = await readinessOf(services, "http://127.0.0.1:1/v1.0")();
  expect(checks.workers.status).toBe(status);
});

test("unavailable while tokens cannot be checked; again of use once they can, though nobody could send one meanwhile", async () => {
  const [redis, simulator] = await Promise.all([redisWith({ durable: true }), upstream()]);
  const issuer = await startIssuer();
  issuer.goAway();
  const { settings } = issuer;
  const origin = await listen({ redisUrl: redis.url, upstreamUrl: simulator.url, settings });
  const tokens = { status: "failing", reason: expect.stringContaining("keys") };
  await untilReady(origin, { status: 503, body: { status: "unavailable", checks: { tokens } } });
  issuer.comeBack();
  await untilReady(origin, { status: 200, body: { checks: { tokens: ok } } });
});

test("however many ask, and nobody has to sign in for that, Redis is not written to for each", async () => {
  const [redis, simulator] = await Promise.all([redisWith({ durable: false }), upstream()]);
  const queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: () => {},
  });
  onTestFinished(() => queue.close());
  await queue.untilConnected(20_000);
  const checkWritable = vi.fn(queue.checkWritable);
  const services = { queue: { ...queue, checkWritable } } as unknown as Services;
  const readiness = readinessOf(services, simulator.url);
  const answers = await Promise.all(Array.from({ length: 500 }, () => readiness()));
  expect(answers.every(({ checks }) => checks.redis.status === "ok")).toBe(true);
  expect(checkWritable.mock.calls.length).toBeLessThan(50);
  await expect
    .poll(async () => {
      await readiness();
      return checkWritable.mock.calls.length;
    })
    .toBeGreaterThan(1);
});
