import { expect, test } from "vitest";
import { isRedisTrouble } from "../src/index.ts";
import { privateRedis } from "./support/private-redis.ts";

const redis = privateRedis();
const CANARY = "jane.canary@contoso.example";

test("the board shows lane jobs by state and priority, by their referral's id", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await queue.wake("ref-1");
  await queue.wake("ref-2");
  await queue.wake("ref-3", "bulk");
  const [interactive, bulk] = queue.board.queues;
  expect([interactive?.name, bulk?.name]).toEqual(["lanes", "lanes-bulk"]);
  expect(await interactive?.counts()).toEqual({
    active: 0,
    waiting: 2,
    delayed: 0,
    completed: 0,
    failed: 0,
  });
  const waiting = (await interactive?.jobs(["waiting", "active"], 0, 9)) ?? [];
  expect(waiting.map(({ referralId, state }) => [referralId, state]).sort()).toEqual([
    ["ref-1", "waiting"],
    ["ref-2", "waiting"],
  ]);
  expect(await interactive?.jobs(["waiting"], 0, 0)).toHaveLength(1);
  expect(await bulk?.job((await bulk.jobs(["waiting"], 0, 9))[0]?.id ?? "")).toMatchObject({
    referralId: "ref-3",
    state: "waiting",
    starts: 0,
    stalls: 0,
  });
  expect(await interactive?.isPaused()).toBe(false);
});

test("whatever else a job came to hold is not read out", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await queue.wake("ref-1");
  const [key = ""] = [...(await account.dump()).keys()].filter((name) => /:lanes:\d+$/.test(name));
  await redis.admin.hset(key, {
    name: CANARY,
    data: JSON.stringify({ referralId: CANARY, email: CANARY }),
    failedReason: CANARY,
    stacktrace: JSON.stringify([CANARY]),
    returnvalue: JSON.stringify(CANARY),
    progress: JSON.stringify({ at: CANARY }),
    deid: CANARY,
    pb: CANARY,
    opts: JSON.stringify({ de: { id: CANARY }, attempts: 1 }),
  });
  const [lanes] = queue.board.queues;
  const jobs = await lanes?.jobs(["waiting"], 0, 9);
  expect(jobs).toHaveLength(1);
  const job = await lanes?.job(jobs?.[0]?.id ?? "");
  expect(job).toMatchObject({ state: "waiting", referralId: undefined });
  expect(JSON.stringify([jobs, job])).not.toContain("canary");
});

test.each(["meta", "id", "events", "1:logs", "../x", "", "01", "1e3"])(
  "%j is no job, though it may be a key",
  async (id) => {
    const queue = await redis.account().openUpdateQueue();
    await queue.wake("ref-1");
    expect(await queue.board.queues[0]?.job(id)).toBeUndefined();
  },
);

test("whoever looks is told in time that Redis does not answer", async () => {
  const queue = await redis.account().openUpdateQueue();
  await redis.server.pause();
  const failure = await queue.board.queues[0]?.counts().catch((error: unknown) => error);
  expect(isRedisTrouble(failure)).toBe(true);
});
