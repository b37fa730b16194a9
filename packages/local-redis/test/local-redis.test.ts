import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LocalRedisStartError, startLocalRedis } from "../src/index.ts";
import { redisCommand } from "../src/resp.ts";
import { isRunning } from "./support/processes.ts";
import { redisForTest, send } from "./support/redis.ts";
import { tempDir } from "./support/temp-dir.ts";

test("answers on the port it names", async () => {
  const redis = await redisForTest();
  expect(await send(redis, "PING")).toBe("PONG");
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  expect(isRunning(redis.pid)).toBe(true);
});

test.each([
  ["appendonly", "yes"],
  ["appendfsync", "always"],
  ["maxmemory-policy", "noeviction"],
  ["save", ""],
  ["bind", "127.0.0.1"],
  ["protected-mode", "yes"],
])("runs with %s %s", async (name, value) => {
  const redis = await redisForTest();
  expect(await send(redis, "CONFIG", "GET", name)).toEqual([name, value]);
});

test("syncs once a second when durability is not asked for", async () => {
  const redis = await redisForTest({ durable: false });
  expect(await send(redis, "CONFIG", "GET", "appendfsync")).toEqual(["appendfsync", "everysec"]);
});

test("has its data again after kill -9 and restart, on the same port", async () => {
  const redis = await redisForTest();
  await send(redis, "SET", "referral", "written before the crash");
  const before = { pid: redis.pid, url: redis.url };
  await redis.kill();
  expect(isRunning(before.pid)).toBe(false);
  await expect(send(redis, "PING")).rejects.toThrow("ECONNREFUSED");
  await redis.restart();
  expect(await send(redis, "GET", "referral")).toBe("written before the crash");
  expect(redis.url).toBe(before.url);
  expect(redis.pid).not.toBe(before.pid);
});

test("restart() of a running server keeps its data", async () => {
  const redis = await redisForTest();
  await send(redis, "SET", "a", "1");
  await redis.restart();
  expect(await send(redis, "GET", "a")).toBe("1");
});

test("stop() leaves no process and no files", async () => {
  const redis = await redisForTest();
  await redis.stop();
  expect(isRunning(redis.pid)).toBe(false);
  expect(existsSync(redis.dataDir)).toBe(false);
  await redis.stop();
  await expect(redis.restart()).rejects.toThrow("after stop()");
});

test("stop() leaves what it did not write", async () => {
  const dataDir = await tempDir();
  await writeFile(join(dataDir, "notes.txt"), "mine");
  const redis = await redisForTest({ dataDir });
  await redis.stop();
  expect(await readdir(dataDir)).toEqual(["notes.txt"]);
});

test("keepData: the next one on the directory continues", async () => {
  const dataDir = await tempDir();
  const first = await redisForTest({ dataDir, keepData: true });
  await send(first, "SET", "a", "1");
  await first.stop();
  const second = await redisForTest({ dataDir });
  expect(await send(second, "GET", "a")).toBe("1");
});

test("a paused server answers nothing until it is resumed, and can be stopped while paused", async () => {
  const redis = await redisForTest();
  await redis.pause();
  await expect(redisCommand(redis.port, ["PING"], 300)).rejects.toThrow("no reply");
  await redis.resume();
  expect(await send(redis, "PING")).toBe("PONG");
  await redis.pause();
  await redis.stop();
  expect(isRunning(redis.pid)).toBe(false);
});

test("two at the same time have ports and files of their own", async () => {
  const [one, two] = await Promise.all([startLocalRedis(), startLocalRedis()]);
  onTestFinished(async () => {
    await Promise.all([one.stop(), two.stop()]);
  });
  expect(one.port).not.toBe(two.port);
  expect(one.dataDir).not.toBe(two.dataDir);
  await send(one, "SET", "a", "1");
  expect(await send(two, "GET", "a")).toBeNull();
});

test("refuses a directory that another running one uses", async () => {
  const redis = await redisForTest();
  await expect(startLocalRedis({ dataDir: redis.dataDir })).rejects.toThrow(LocalRedisStartError);
  expect(await send(redis, "PING")).toBe("PONG");
});

test("says so when the wanted port is taken by something else", async () => {
  const stranger = createServer().listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => void stranger.close());
  await new Promise((resolve) => stranger.once("listening", resolve));
  const { port } = stranger.address() as { port: number };
  const dataDir = await tempDir();
  await expect(startLocalRedis({ port, dataDir })).rejects.toThrow(/address already in use/i);
});

test("never takes another Redis on the wanted port for its own", async () => {
  const other = await redisForTest();
  const dataDir = await tempDir();
  await expect(startLocalRedis({ port: other.port, dataDir })).rejects.toThrow(
    LocalRedisStartError,
  );
  expect(await send(other, "PING")).toBe("PONG");
});
