import { expect, test } from "vitest";
import type { LaneConsumer, LaneJobEnd, LaneQueue, ProcessLaneJob } from "../src/index.ts";
import { privateRedis, SOON } from "./support/private-redis.ts";

const redis = privateRedis();
const DONE: LaneJobEnd = { kind: "done" };

function consume(worker: LaneQueue, process: ProcessLaneJob, concurrency = 4): LaneConsumer {
  const consumer = worker.consume({ concurrency, process });
  redis.onClose(() => consumer.close());
  return consumer;
}

/** Something tests can wait for and let go of. */
function gate(): { opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test("a job holds its lane's name and nothing else, under the account's hash tag", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await queue.wake("ref-1");
  const jobs = [...(await account.dump())].filter(([key]) => /:lanes:\d+$/.test(key));
  expect(jobs).toHaveLength(1);
  const [key = "", text = ""] = jobs[0] ?? [];
  expect(key).toContain(`{${account.accountId}}`);
  const { data, opts } = JSON.parse(text);
  expect([JSON.parse(data), JSON.parse(opts)]).toEqual([
    {},
    { attempts: expect.any(Number), de: { id: "ref-1", keepLastIfActive: true } },
  ]);
});

test("a lane woken often before it runs, runs once", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  for (let n = 0; n < 5; n += 1) {
    await queue.wake("ref-1");
  }
  const runs: string[] = [];
  await queue.wake("last");
  const oneByOne = 1;
  consume(
    worker,
    async (referralId) => {
      runs.push(referralId);
      return DONE;
    },
    oneByOne,
  );
  await expect.poll(() => runs, SOON).toContain("last");
  expect(runs).toEqual(["ref-1", "last"]);
});

test("a lane woken while it runs, runs again", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const started = gate();
  const letGo = gate();
  let runs = 0;
  let running = 0;
  let mostRunning = 0;
  consume(account.openLaneQueue(), async () => {
    runs += 1;
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    started.open();
    await letGo.opened;
    running -= 1;
    return DONE;
  });
  await queue.wake("ref-1");
  await started.opened;
  await queue.wake("ref-1");
  await queue.wake("ref-1");
  letGo.open();
  await expect.poll(() => runs, SOON).toBe(2);
  await expect.poll(() => queue.status(), SOON).toMatchObject({ waiting: 0, delayed: 0 });
  expect({ runs, mostRunning }).toEqual({ runs: 2, mostRunning: 1 });
});

test("as many lanes run at once as allowed, and no more", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const letGo = gate();
  let running = 0;
  let mostRunning = 0;
  const ran = new Set<string>();
  consume(
    account.openLaneQueue(),
    async (referralId) => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      if (running === 3) {
        letGo.open();
      }
      await letGo.opened;
      running -= 1;
      ran.add(referralId);
      return DONE;
    },
    3,
  );
  await Promise.all(Array.from({ length: 12 }, (_, n) => queue.wake(`ref-${n}`)));
  await expect.poll(() => ran.size, SOON).toBe(12);
  expect(mostRunning).toBe(3);
});

test("a lane handed back goes to another worker at once", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const started = gate();
  const stopping = consume(account.openLaneQueue(), async (_referralId, signal) => {
    started.open();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return { kind: "handedBack" };
  });
  await queue.wake("ref-1");
  await started.opened;
  await stopping.close();
  const runs: string[] = [];
  consume(account.openLaneQueue(), async (referralId) => {
    runs.push(referralId);
    return DONE;
  });
  await expect.poll(() => runs, SOON).toEqual(["ref-1"]);
});

test("a consumer that closes waits for what is running", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const started = gate();
  const letGo = gate();
  const story: string[] = [];
  const consumer = consume(account.openLaneQueue(), async () => {
    started.open();
    await letGo.opened;
    story.push("ended");
    return DONE;
  });
  await queue.wake("ref-1");
  await started.opened;
  const closed = consumer.close().then(() => story.push("closed"));
  letGo.open();
  await closed;
  expect(story).toEqual(["ended", "closed"]);
});

test("a lane whose run threw is reported and runs again", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const errors: string[] = [];
  let runs = 0;
  const worker = account.openLaneQueue({ onError: (error) => errors.push(error.message) });
  consume(worker, async () => {
    runs += 1;
    if (runs === 1) {
      throw new Error("a bug");
    }
    return DONE;
  });
  await queue.wake("ref-1");
  await expect.poll(() => runs, SOON).toBe(2);
  expect(errors).toEqual(["a bug"]);
});

test("lanes woken again and again by several producers are all looked at after their last wake-up", async () => {
  const account = redis.account();
  const producers = [await account.openUpdateQueue(), await account.openUpdateQueue()] as const;
  const woken = new Map<string, number>();
  const seen = new Map<string, number>();
  for (const worker of [account.openLaneQueue(), account.openLaneQueue()]) {
    consume(worker, async (referralId) => {
      const last = woken.get(referralId) ?? 0;
      await new Promise((resolve) => setImmediate(resolve));
      seen.set(referralId, last);
      return DONE;
    });
  }
  for (let round = 1; round <= 40; round += 1) {
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        woken.set(`ref-${n}`, round);
        return producers[(n + round) % 2 === 0 ? 0 : 1].wake(`ref-${n}`);
      }),
    );
  }
  await expect.poll(() => [...seen].sort(), SOON).toEqual([...woken].sort());
});

test("an interactive wake-up does not wait for a place behind bulk ones, and bulk goes on beside it", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const bulkStarted = gate();
  const letGo = gate();
  const runs: string[] = [];
  consume(
    account.openLaneQueue(),
    async (referralId) => {
      if (referralId.startsWith("bulk")) {
        bulkStarted.open();
        await letGo.opened;
      }
      runs.push(referralId);
      return DONE;
    },
    1,
  );
  const bulk = Array.from({ length: 20 }, (_, n) => `bulk-${n}`);
  await Promise.all(bulk.map((referralId) => queue.wake(referralId, "bulk")));
  await bulkStarted.opened;
  await queue.wake("urgent-1");
  await queue.wake("urgent-2", "interactive");
  await expect.poll(() => runs, SOON).toEqual(["urgent-1", "urgent-2"]);
  letGo.open();
  await expect.poll(() => runs.length, SOON).toBe(22);
});

test("a lane that waits among bulk ones is served at once when it is woken interactively", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const bulkStarted = gate();
  const letGo = gate();
  const runs: string[] = [];
  consume(
    account.openLaneQueue(),
    async (referralId) => {
      if (referralId === "first") {
        bulkStarted.open();
        await letGo.opened;
      }
      runs.push(referralId);
      return DONE;
    },
    1,
  );
  await queue.wake("first", "bulk");
  await queue.wake("both", "bulk");
  await bulkStarted.opened;
  await queue.wake("both");
  await expect.poll(() => runs, SOON).toEqual(["both"]);
  letGo.open();
  await expect.poll(() => runs, SOON).toEqual(["both", "first", "both"]);
});

test("a paused consumer takes nothing, lets go on what runs, and resumes as often as asked", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const started = gate();
  const letGo = gate();
  const runs: string[] = [];
  const consumer = consume(account.openLaneQueue(), async (referralId) => {
    if (referralId === "running") {
      started.open();
      await letGo.opened;
    }
    runs.push(referralId);
    return DONE;
  });
  await queue.wake("running");
  await started.opened;
  consumer.pause();
  letGo.open();
  await expect.poll(() => runs, SOON).toEqual(["running"]);
  // A fetch that was under way may still bring one.
  await queue.wake("fetched");
  const lanes = Array.from({ length: 10 }, (_, n) => `ref-${n}`);
  await Promise.all(lanes.map((referralId) => queue.wake(referralId)));
  expect(runs.length).toBeLessThan(4);
  for (let n = 0; n < 50; n += 1) {
    consumer.resume();
    consumer.pause();
    await new Promise((resolve) => setImmediate(resolve));
  }
  consumer.resume();
  await expect.poll(() => runs.length, SOON).toBe(12);
  await queue.wake("after");
  await expect.poll(() => runs, SOON).toContain("after");
});

test("a consumer that is paused from the start takes nothing until it is told to, and closes", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const runs: string[] = [];
  const process: ProcessLaneJob = async (referralId) => {
    runs.push(referralId);
    return DONE;
  };
  const held = account.openLaneQueue().consume({ concurrency: 2, process, isPaused: true });
  await queue.wake("ref-1");
  await held.close();
  expect(runs).toEqual([]);
  const later = account.openLaneQueue().consume({ concurrency: 2, process, isPaused: true });
  redis.onClose(() => later.close());
  later.resume();
  await expect.poll(() => runs, SOON).toEqual(["ref-1"]);
});

test("a consumer that is resumed narrowly runs one lane at a time, and as many as before when told so", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const full = gate();
  let running = 0;
  let mostRunning = 0;
  let ran = 0;
  const consumer = account.openLaneQueue().consume({
    concurrency: 3,
    isPaused: true,
    process: async () => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      if (ran >= 5) {
        await full.opened;
      }
      running -= 1;
      ran += 1;
      return DONE;
    },
  });
  redis.onClose(() => consumer.close());
  redis.onClose(async () => full.open());
  await Promise.all(Array.from({ length: 12 }, (_, n) => queue.wake(`ref-${n}`)));
  consumer.resume(1);
  await expect.poll(() => ran, SOON).toBe(5);
  expect(mostRunning).toBe(1);
  // Also while its only place is taken.
  consumer.resume();
  await expect.poll(() => mostRunning, SOON).toBe(3);
  full.open();
  await expect.poll(() => ran, SOON).toBe(12);
});
