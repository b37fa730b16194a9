import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { closeRedis, connectRedis, untilConnected } from "../src/redis-connection.ts";

let server: LocalRedis;

beforeAll(async () => {
  server = await startLocalRedis({ durable: false });
});

afterAll(() => server.stop());

async function connection() {
  const redis = connectRedis(server.url, "fail-fast", () => undefined);
  onTestFinished(() => closeRedis(redis));
  expect(await untilConnected(redis, 20_000)).toBe(true);
  return redis;
}

test("commands of one turn leave together, and each gets its own answer", async () => {
  const redis = await connection();
  const answers = [redis.set("a", "1"), redis.incr("a"), redis.hget("a", "field"), redis.get("a")];
  expect(redis.stream.writableLength).toBeGreaterThan(0); // held until the turn is over
  const settled = await Promise.allSettled(answers);
  expect(settled.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected", // WRONGTYPE: its own failure, nobody else's
    "fulfilled",
  ]);
  expect(await redis.get("a")).toBe("2");
  expect(redis.stream.writableCorked).toBe(0);
});

test("a connection that breaks before the turn is over fails its commands, and the next one works", async () => {
  const redis = await connection();
  const answer = redis.get("a");
  redis.stream.destroy();
  await expect(answer).rejects.toThrow();
  expect(await untilConnected(redis, 20_000)).toBe(true);
  expect(await Promise.all([redis.set("b", "1"), redis.get("b")])).toEqual(["OK", "1"]);
});

test("what waits for Redis to come back still fails in time by itself", async () => {
  const redis = await connection();
  await server.pause();
  onTestFinished(() => server.resume());
  const answers = await Promise.allSettled([redis.get("a"), redis.get("b")]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
