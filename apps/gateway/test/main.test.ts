import { startLocalRedis } from "@patchlane/local-redis";
import { startSimulator } from "@patchlane/simulator";
import { openUpdateQueue } from "@patchlane/update-queue";
import { expect, onTestFinished, test, vi } from "vitest";
import { UPDATE } from "./support/documents.ts";
import { subscribe } from "./support/event-stream.ts";
import { post } from "./support/listening.ts";
import { newReferral } from "./support/referrals.ts";
import { runToEnd, startMain } from "./support/spawn-gateway.ts";

/** Settings that would work, for a Redis that need not be there. */
const works = {
  REDIS_URL: "redis://127.0.0.1:1",
  PARTNER_CENTER_URL: "http://127.0.0.1:1/v1.0",
  PARTNER_CENTER_ACCESS_TOKEN: "canary-token",
  GATEWAY_AUTH: "dev",
  PORT: "0",
};

/** A busy machine takes a while for what needs a few round trips. */
const SOON = { timeout: 20_000, interval: 50 };

test("refuses to start where it would serve anybody, and says why", async () => {
  const { GATEWAY_AUTH: _, ...withoutAuth } = works;
  const cases: [environment: Record<string, string>, says: RegExp][] = [
    [withoutAuth, /JWT_ISSUER is required with GATEWAY_AUTH=jwt/],
    [
      { ...works, GATEWAY_AUTH: "jwt", JWT_ISSUER: "https://issuer.example", JWT_AUDIENCE: "x" },
      /JWT_JWKS_URL is required/,
    ],
    [
      { ...works, GATEWAY_AUTH: "jwt", JWT_JWKS_URL: "http://issuer.example/keys" },
      /JWT_JWKS_URL: must be https/,
    ],
    [{ ...works, JWT_ALGORITHMS: "RS256,HS256" }, /JWT_ALGORITHMS: must be some of RS256/],
    [{ ...works, CORS_ORIGINS: "*" }, /CORS_ORIGINS: must be origins/],
    [{ ...works, GATEWAY_AUTH: "none" }, /GATEWAY_AUTH.*"jwt"\|"dev"/],
    [{ ...works, NODE_ENV: "production" }, /GATEWAY_AUTH.*NODE_ENV=production/],
    [{ ...works, HOST: "0.0.0.0" }, /GATEWAY_AUTH.*loopback host/],
    [{ ...works, HOST: "::" }, /GATEWAY_AUTH.*loopback host/],
    [{ ...works, PARTNER_CENTER_ACCESS_TOKEN: "" }, /PARTNER_CENTER_ACCESS_TOKEN.*ENTRA_TENANT_ID/],
    [{ ...works, REDIS_URL: "", PORT: "-1" }, /REDIS_URL is required[\s\S]*PORT: /],
  ];
  const check = async ([environment, says]: (typeof cases)[number]): Promise<void> => {
    const { exitCode, stdout, stderr } = await runToEnd(environment);
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^Settings that must be corrected:\n( {2}- .+\n)+$/);
    expect(stderr).not.toContain("canary");
  };
  await Promise.all(cases.map(check));
});

test("SIGTERM: the waiting request gets its answer, streams end, new ones find the door closed, the exit code is 0", async () => {
  const [redis, simulator] = await Promise.all([
    startLocalRedis(),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
  const queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: () => {},
  });
  onTestFinished(async () => {
    await queue.close();
    await Promise.all([redis.stop(), simulator.close()]);
  });
  const gateway = await startMain({
    ...works,
    REDIS_URL: redis.url,
    PARTNER_CENTER_URL: simulator.url,
    PARTNER_CENTER_ACCESS_TOKEN: "simulator-token",
  });
  await vi.waitFor(async () => {
    expect((await fetch(`${gateway.origin}/health/ready`)).status).toBe(200);
  }, SOON);
  const referralId = newReferral(simulator);
  const input = { referralId, changes: { name: "x" }, waitMs: 30_000 };
  const answer = post(gateway.origin, UPDATE, { input });
  const id = await vi.waitFor(async () => {
    const [update] = (await queue.ledger.listOfReferral(referralId, 1)).updates;
    expect(update).toBeDefined();
    return update?.id ?? "";
  }, SOON);

  const stream = await subscribe(
    gateway.origin,
    "subscription ($id: ID!) { referralUpdateChanged(id: $id) { state } }",
    { id },
  );
  await stream.next();

  gateway.signal("SIGTERM");
  await gateway.logged("stopping");
  // On a busy machine one may still come in between the line and the closing.
  await vi.waitFor(async () => {
    await expect(fetch(`${gateway.origin}/health/live`)).rejects.toThrow();
  }, SOON);
  // There is no worker: without the signal it would wait for thirty seconds.
  expect(await answer).toMatchObject({
    data: { updateReferral: { update: { id, state: "QUEUED" } } },
  });
  expect((await stream.rest()).map(({ event }) => event)).toEqual(["next", "complete"]);
  expect((await queue.ledger.get(id))?.state).toBe("QUEUED");
  await gateway.logged("stopped");
  expect(await gateway.exited).toEqual([0, null]);
});
