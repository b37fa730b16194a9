import { Agent, request } from "node:http";
import { startLocalRedis } from "@patchlane/local-redis";
import { startSimulator } from "@patchlane/simulator";
import { openUpdateQueue } from "@patchlane/update-queue";
import { expect, onTestFinished, test, vi } from "vitest";
import { UPDATE, type UpdateData } from "./support/documents.ts";
import { subscribe } from "./support/event-stream.ts";
import { post } from "./support/listening.ts";
import { newReferral } from "./support/referrals.ts";
import { startMain } from "./support/spawn-gateway.ts";

const SOON = { timeout: 20_000, interval: 50 };

/** Two gateways of one account, and the queue behind them as a third party sees it. */
async function startTwo() {
  const [redis, simulator] = await Promise.all([
    startLocalRedis(),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
  const rate = { ratePerSecond: 100, burst: 10 };
  const queue = openUpdateQueue({ redisUrl: redis.url, rate, onError: () => {} });
  onTestFinished(async () => {
    await queue.close();
    await Promise.all([redis.stop(), simulator.close()]);
  });
  const settings = {
    REDIS_URL: redis.url,
    PARTNER_CENTER_URL: simulator.url,
    PARTNER_CENTER_ACCESS_TOKEN: "simulator-token",
    GATEWAY_AUTH: "dev",
    PORT: "0",
    SHUTDOWN_LINGER_MS: "8000", // ends as soon as nobody has a connection open
  };
  const gateways = await Promise.all([startMain(settings), startMain(settings)]);
  for (const { origin } of gateways) {
    await vi.waitFor(async () => {
      expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
    }, SOON);
  }
  const [one, two] = gateways;
  return { one, two, queue, referralId: newReferral(simulator) };
}

const CHANGED = "subscription ($id: ID!) { referralUpdateChanged(id: $id) { state } }";
const CANCEL = "mutation ($id: ID!) { cancelReferralUpdate(id: $id) { __typename } }";

test("a subscription at one gateway tells what happens at the other", async () => {
  const { one, two, referralId } = await startTwo();
  const input = { referralId, changes: { name: "x" }, waitMs: 0 };
  const { data } = await post(two.origin, UPDATE, { input });
  const { id } = (data as UpdateData).updateReferral.update;
  const stream = await subscribe(one.origin, CHANGED, { id });
  expect(await stream.next()).toMatchObject({
    data: { data: { referralUpdateChanged: { state: "QUEUED" } } },
  });
  await post(two.origin, CANCEL, { id });
  expect(await stream.rest()).toMatchObject([
    { event: "next", data: { data: { referralUpdateChanged: { state: "CANCELLED" } } } },
    { event: "complete" },
  ]);
});

test("SIGTERM in the middle of a stream of mutations: what was answered is there, the other gateway goes on", async () => {
  const { one, two, queue, referralId } = await startTwo();
  const accepted: string[] = [];
  let refused = 0;
  const submit = async (origin: string): Promise<void> => {
    const input = { referralId, changes: { name: `${accepted.length}` }, waitMs: 0 };
    const answer = await post(origin, UPDATE, { input }).catch(() => undefined);
    const id = (answer?.data as UpdateData | undefined)?.updateReferral.update?.id;
    if (id === undefined) {
      refused++;
    } else {
      accepted.push(id);
    }
  };
  const sender = async (origin: string): Promise<void> => {
    while (refused === 0) {
      await submit(origin);
    }
  };
  const sending = [sender(one.origin), sender(one.origin), sender(one.origin)];
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(20), SOON);
  one.signal("SIGTERM");
  await Promise.all(sending);
  expect(await one.exited).toEqual([0, null]);
  await submit(two.origin);
  const found = await queue.ledger.getMany(accepted);
  expect(found.map(({ id, state }) => [id, state])).toEqual(accepted.map((id) => [id, "QUEUED"]));
  const counts = await queue.ledger.counts();
  expect(counts.QUEUED).toBe(accepted.length);
});

test("callers on connections they keep meet no closed door: each is told to open another one, and readiness says why", async () => {
  const { one } = await startTwo();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const get = (path: string): Promise<{ status: number; connection: string | undefined }> =>
    new Promise((resolve, reject) => {
      request(one.origin + path, { agent }, (response) => {
        response.resume().once("end", () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, connection: headers.connection });
        });
      })
        .once("error", reject)
        .end();
    });
  expect(await get("/health/ready")).toMatchObject({ status: 200, connection: "keep-alive" });
  one.signal("SIGTERM");
  await one.logged("stopping");
  expect(await get("/health/ready")).toEqual({ status: 503, connection: "close" });
  expect(await one.exited).toEqual([0, null]);
});
