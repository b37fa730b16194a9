import { randomBytes } from "node:crypto";
import { type LocalRedis, type LocalRedisOptions, startLocalRedis } from "@patchlane/local-redis";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type AccountKeys, accountKeys } from "../../src/account-keys.ts";
import {
  type LaneQueue,
  openLaneQueue,
  openUpdateQueue,
  type UpdateQueue,
  type UpdateQueueOptions,
} from "../../src/index.ts";
import { expectBooksToBalance } from "./books.ts";

/** ms for what is only a matter of a few round trips; far more than they take. */
export const SOON = { timeout: 30_000, interval: 5 };

type OpenOptions = Partial<Omit<UpdateQueueOptions, "accountId">>;

/** One account of its own, and the queues a test opened for it. */
export interface Account {
  readonly accountId: string;
  readonly keys: AccountKeys;
  /** Resolves when it is connected: until then it refuses everything. */
  openUpdateQueue(options?: OpenOptions): Promise<UpdateQueue>;
  openLaneQueue(options?: OpenOptions): LaneQueue;
  /** Everything in Redis that is this account's: key -> readable value. */
  dump(): Promise<Map<string, string>>;
}

/** A Redis for one test file. */
export interface PrivateRedis {
  readonly server: LocalRedis;
  /** A plain connection for looking and meddling. */
  readonly admin: Redis;
  account(): Account;
  /** Has something closed after the test, before whatever was opened earlier. */
  onClose(close: () => Promise<void>): void;
}

/**
 * Starts a Redis for this file; every test fails that leaves a lane owned, a connection open or counts that do not add up.
 */
export function privateRedis(options: LocalRedisOptions = { durable: false }): PrivateRedis {
  let server: LocalRedis;
  let admin: Redis;
  const closers: (() => Promise<void>)[] = [];
  const audited: AccountKeys[] = [];

  beforeAll(async () => {
    server = await startLocalRedis(options);
    admin = new Redis(server.url, { maxRetriesPerRequest: null });
    admin.on("error", () => {});
  });
  afterEach(async () => {
    await server.resume();
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
    await expect.poll(() => otherConnections(admin), SOON).toEqual([]);
    const books = await Promise.allSettled(
      audited.splice(0).map((keys) => expectBooksToBalance(admin, keys)),
    );
    const owned = await admin.keys("*:lane-owner:*");
    await admin.flushall(); // one test's leak is not the next one's
    expect(owned, "lanes left owned").toEqual([]);
    for (const book of books) {
      if (book.status === "rejected") {
        throw book.reason;
      }
    }
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });

  const open = <T extends UpdateQueue | LaneQueue>(
    how: (options: UpdateQueueOptions) => T,
    accountId: string,
    given: OpenOptions,
  ): T => {
    const queue = how({
      redisUrl: server.url,
      accountId,
      rate: { ratePerSecond: 1_000, burst: 100 },
      onError: () => {},
      ...given,
    });
    closers.push(() => queue.close());
    return queue;
  };
  return {
    get server() {
      return server;
    },
    get admin() {
      return admin;
    },
    onClose: (close) => closers.push(close),
    account: () => {
      const accountId = `test-${randomBytes(6).toString("hex")}`;
      const keys = accountKeys(accountId);
      audited.push(keys);
      return {
        accountId,
        keys,
        openUpdateQueue: async (given = {}) => {
          const queue = open(openUpdateQueue, accountId, given);
          await untilConnected(queue);
          return queue;
        },
        openLaneQueue: (given = {}) => open(openLaneQueue, accountId, given),
        dump: () => dump(admin, accountId),
      };
    },
  };
}

/** Resolves when a fail-fast queue gets answers (again). */
export async function untilConnected(queue: UpdateQueue): Promise<void> {
  await expect.poll(() => queue.ping().then(() => "connected", String), SOON).toBe("connected");
}

async function otherConnections(admin: Redis): Promise<string[]> {
  const [own, list] = await Promise.all([admin.client("ID"), admin.client("LIST")]);
  return String(list)
    .split("\n")
    .filter((line) => line.startsWith("id=") && !line.startsWith(`id=${own} `));
}

async function dump(admin: Redis, accountId: string): Promise<Map<string, string>> {
  const keys = await admin.keys(`*${accountId}*`);
  const entries = keys.map(async (key): Promise<[string, string]> => {
    const type = await admin.type(key);
    switch (type) {
      case "string":
        return [key, (await admin.get(key)) ?? ""];
      case "hash":
        return [key, JSON.stringify(await admin.hgetall(key))];
      case "list":
        return [key, (await admin.lrange(key, 0, -1)).join("\n")];
      case "zset":
        return [key, (await admin.zrange(key, "0", "-1")).join("\n")];
      case "set":
        return [key, (await admin.smembers(key)).join("\n")];
      case "stream":
        return [key, JSON.stringify(await admin.xrange(key, "-", "+"))];
      default:
        return [key, ""];
    }
  });
  return new Map(await Promise.all(entries));
}
