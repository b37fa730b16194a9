import { expect, test } from "vitest";
import type { AccountMetrics, LaneQueue, UpdateQueue } from "../src/index.ts";
import { startAnswerThief } from "./support/answer-thief.ts";
import { type Account, privateRedis, SOON, untilConnected } from "./support/private-redis.ts";

const redis = privateRedis();

type Counting = Pick<UpdateQueue | LaneQueue, "meters">;

function countPatch({ meters }: Counting, status = "200"): void {
  meters.count("upstreamCalls", { operation: "patch", status, kind: "ok" });
}

/** Calls by `operation status kind`, those at zero left out. */
function callsIn({ counters }: AccountMetrics): Record<string, number> {
  return Object.fromEntries(
    counters.upstreamCalls.map(({ labels, value }) => [Object.values(labels).join(" "), value]),
  );
}

async function calls(queue: UpdateQueue): Promise<Record<string, number>> {
  return callsIn(await queue.metrics());
}

test("what processes count adds up, and is there for one that comes later", async () => {
  const account = redis.account();
  const [one, other] = [account.openLaneQueue(), account.openLaneQueue()];
  const gateway = await account.openUpdateQueue();
  for (const process of [one, one, other, gateway]) {
    countPatch(process);
    process.meters.observe("updatesPerWrite", {}, 3);
  }
  other.meters.observe("updatesPerWrite", {}, 200);
  await expect.poll(() => calls(gateway), SOON).toEqual({ "patch 200 ok": 4 });
  const later = await account.openUpdateQueue();
  const { histograms } = await later.metrics();
  const [folds] = histograms.updatesPerWrite;
  expect(folds).toMatchObject({ count: 5, sum: 212 });
  expect(folds?.buckets.map(({ count }) => count)).toEqual([0, 0, 4, 4, 4, 4, 4, 4, 5]);
});

test("a clean stop loses nothing, however soon it comes", async () => {
  const account = redis.account();
  for (const queue of [account.openLaneQueue(), await account.openUpdateQueue()]) {
    await queue.ping();
    countPatch(queue);
    await queue.close();
  }
  expect(await calls(await account.openUpdateQueue())).toEqual({ "patch 200 ok": 2 });
});

test("a flush whose answer was lost counts once", async () => {
  const account = redis.account();
  const thief = await startAnswerThief(redis.server.port, /metrics-flush/);
  redis.onClose(() => thief.close());
  const onlooker = await account.openUpdateQueue();
  const unlucky = [
    account.openLaneQueue({ redisUrl: thief.url }),
    await account.openUpdateQueue({ redisUrl: thief.url }),
  ];
  await Promise.all(unlucky.map((queue) => queue.ping()));
  thief.steal();
  for (const queue of unlucky) {
    countPatch(queue);
  }
  await thief.stolen;
  for (const queue of unlucky) {
    countPatch(queue, "201");
  }
  await expect.poll(() => calls(onlooker), SOON).toEqual({ "patch 200 ok": 2, "patch 201 ok": 2 });
});

test("while Redis is away what was counted is kept, and nobody notices", async () => {
  const account = redis.account();
  const queues = [account.openLaneQueue(), await account.openUpdateQueue()];
  await Promise.all(queues.map((queue) => queue.ping()));
  await redis.server.kill();
  for (const queue of queues) {
    countPatch(queue);
  }
  await redis.server.restart();
  const gateway = queues[1] as UpdateQueue;
  await untilConnected(gateway);
  await expect.poll(() => calls(gateway), SOON).toEqual({ "patch 200 ok": 2 });
});

test("reading fails at once while Redis is away", async () => {
  const queue = await redis.account().openUpdateQueue();
  await redis.server.kill();
  await expect(queue.metrics()).rejects.toThrow();
  await redis.server.restart();
});

test("whatever an upstream answers, the series are those that were thought of", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const hostile = ["999", "0", "jane.doe@contoso.example", "200|ok|evil", 'a"b\n', "__proto__", ""];
  for (const value of hostile) {
    queue.meters.count("upstreamCalls", { operation: value, status: value, kind: value });
    queue.meters.observe("upstreamCallSeconds", { operation: value }, Number.NaN);
    queue.meters.observe("upstreamCallSeconds", { operation: value }, Number.POSITIVE_INFINITY);
    queue.meters.observe("upstreamCallSeconds", { operation: value }, -1);
  }
  await expect.poll(() => calls(queue), SOON).toEqual({ "other other other": hostile.length });
  const fields = await redis.admin.hkeys(account.keys.metrics);
  expect(fields.sort()).toEqual([
    "upstreamCallSeconds|other|0.025",
    "upstreamCallSeconds|other|sum",
    "upstreamCalls|other|other|other",
  ]);
});

test("fields of another version do no harm", async () => {
  const account = redis.account();
  await redis.admin.hset(account.keys.metrics, {
    "upstreamCallSeconds|get|0.3": 2,
    "unheardOf|x": 7,
    "toString|x": 7,
    "finished|FAILED|CONFLICT|bulk|123456": 1,
    "": 3,
    "upstreamCallSeconds|get|sum": 600_000,
  });
  await redis.admin.hset(account.keys.metrics, { "accepted|bulk": 1 });
  const { histograms } = await (await account.openUpdateQueue()).metrics();
  const get = histograms.upstreamCallSeconds.find(({ labels }) => labels.operation === "get");
  expect(get).toMatchObject({ count: 2, sum: 0.6 });
  expect(get?.buckets.find(({ le }) => le === 0.5)?.count).toBe(2);
  const bulk = histograms.updateSeconds.find(({ labels }) => labels.priority === "bulk");
  expect(bulk?.buckets.find(({ le }) => le === 300)?.count).toBe(1);
});

async function seen(account: Account): Promise<{ alive: number; isRecent: boolean }> {
  const { alive, lastSeenMsAgo } = await (await account.openUpdateQueue()).workers.read();
  return { alive, isRecent: lastSeenMsAgo !== undefined && lastSeenMsAgo < 30_000 };
}

test("workers are known while they live; one that goes says so, and was seen a moment ago", async () => {
  const account = redis.account();
  expect(await seen(account)).toEqual({ alive: 0, isRecent: false });
  const [one, other] = [account.openLaneQueue(), account.openLaneQueue()];
  const announced = one.workers.announce();
  other.workers.announce();
  await expect.poll(() => seen(account), SOON).toEqual({ alive: 2, isRecent: true });
  await announced.stop();
  await expect.poll(() => seen(account), SOON).toEqual({ alive: 1, isRecent: true });
});

test("a worker that died is not alive for long, and forgotten in the end", async () => {
  const account = redis.account();
  const queue = account.openLaneQueue();
  const now = Number((await redis.admin.time())[0]) * 1_000;
  await redis.admin.zadd(
    account.keys.workers,
    now - 11_000,
    "died",
    now + 7_200_000,
    "clock set back",
  );
  expect((await queue.workers.read()).alive).toBe(1); // the one from the future
  await redis.admin.zadd(account.keys.workers, now - 600_000, "long ago");
  const { stop } = queue.workers.announce();
  await expect
    .poll(() => redis.admin.zrange(account.keys.workers, "0", "-1"), SOON)
    .toEqual(["died", expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  await stop();
  await expect.poll(async () => (await queue.workers.read()).alive, SOON).toBe(0);
});
