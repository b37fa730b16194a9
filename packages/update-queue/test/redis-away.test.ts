import { expect, test } from "vitest";
import { isRedisTrouble, LedgerUnavailableError } from "../src/index.ts";
import { privateRedis, SOON, untilConnected } from "./support/private-redis.ts";
import {
  accept,
  claim,
  counts,
  expectCountsToAddUp,
  finish,
  notes,
  REFERRAL,
} from "./support/updates.ts";

const redis = privateRedis({ durable: true });

test("what was accepted survives a killed Redis; what was not is not there", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const accepted = new Set<string>();
  let refused = 0;
  let killed: Promise<void> | undefined;
  for (let n = 0; killed === undefined || refused === 0; n += 1) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, lane) => {
        try {
          accepted.add(await accept(queue, notes(`${n}`, { referralId: `ref-${lane}` })));
        } catch (error) {
          expect(error).toBeInstanceOf(LedgerUnavailableError);
          refused += 1;
        }
      }),
    );
    if (n === 20) {
      killed = redis.server.kill();
    }
  }
  await killed;
  expect(accepted.size).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(0);
  await redis.server.restart();
  await untilConnected(queue);

  await expect.poll(() => counts(queue), SOON).toEqual({ QUEUED: accepted.size });
  const found = await queue.ledger.getMany([...accepted]);
  expect(found).toHaveLength(accepted.size);
  const lanes = await Promise.all(
    Array.from({ length: 10 }, (_, lane) =>
      redis.admin.lrange(account.keys.lane(`ref-${lane}`), 0, -1),
    ),
  );
  expect(new Set(lanes.flat())).toEqual(accepted);
});

test.each(["kill", "pause"] as const)("with Redis gone (%s) callers are told so", async (how) => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("1"));
  await redis.server[how]();
  const said = await Promise.all([
    queue.ledger.accept(notes("2")).catch((error: Error) => error.cause),
    queue.ledger.get(id).catch((error: unknown) => error),
    queue.ledger.cancel(id).catch((error: unknown) => error),
    queue.status().catch((error: unknown) => error),
    queue.wake(REFERRAL).catch((error: unknown) => error),
    queue.ping().catch((error: unknown) => error),
  ]);
  expect(said.map(isRedisTrouble)).toEqual(said.map(() => true));
  await (how === "kill" ? redis.server.restart() : redis.server.resume());
  await untilConnected(queue);
  expect(await queue.ledger.get(id)).toMatchObject({ state: "QUEUED" });
  await expect.poll(() => counts(queue), SOON).toEqual({ QUEUED: 1 });
});

test("a worker waits for Redis and goes on where it was", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("1"));
  const lease = await claim(account.openLaneQueue());
  await redis.server.kill();
  const begun = lease.begin({ updateIds: [id], patch: [], requestId: "r", clientRequestId: "c" });
  await redis.server.restart();
  expect(await begun).toBe("begun");
  await finish(lease);
  await untilConnected(queue);
  expect(await queue.ledger.get(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
  await expectCountsToAddUp(queue, 1);
});

test("everything closes while Redis is away", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const worker = account.openLaneQueue();
  const consumer = worker.consume({ concurrency: 1, process: async () => ({ kind: "done" }) });
  await worker.ping();
  await redis.server.kill();
  await Promise.all([queue.close(), consumer.close().then(() => worker.close())]);
  await redis.server.restart();
});

test("a Redis that keeps its promises earns no warning, any other does", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  expect(await queue.durabilityWarnings()).toEqual([]);
  await redis.admin.config("SET", "appendfsync", "everysec");
  await redis.admin.config("SET", "maxmemory-policy", "allkeys-lru");
  expect(await queue.durabilityWarnings()).toEqual([
    expect.stringMatching(/appendfsync everysec.*must be always/),
    expect.stringMatching(/maxmemory-policy allkeys-lru.*must be noeviction/),
  ]);
  await redis.admin.config("SET", "appendfsync", "always");
  await redis.admin.config("SET", "maxmemory-policy", "noeviction");
});

test("a Redis that does not tell its settings earns one warning", async () => {
  await redis.admin.acl("SETUSER", "guest", "on", ">guest", "~*", "&*", "+@all", "-config");
  const url = redis.server.url.replace("redis://", "redis://guest:guest@");
  const queue = await redis.account().openUpdateQueue({ redisUrl: url });
  expect(await queue.durabilityWarnings()).toEqual([expect.stringMatching(/CONFIG GET/)]);
});
