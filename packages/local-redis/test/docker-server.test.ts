import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { ensureRedisServer, type LocalRedis } from "../src/index.ts";
import { startWithServer } from "../src/local-redis.ts";
import { type FakeMachine, fakeMachine } from "./support/fake-machine.ts";
import { send } from "./support/redis.ts";
import { tempDir } from "./support/temp-dir.ts";

/**
 * A stand-in for an engine: "run" becomes a real server on the published port and the mounted
 * directory, and the other verbs reach it by its container name. What it cannot show is that a
 * real engine takes the same arguments.
 */
async function fakeDocker(machine: FakeMachine): Promise<string> {
  const server = await ensureRedisServer();
  const pidFile = (name: string): string => `"${machine.dir}/${name}.pid"`;
  return machine.put(
    "docker",
    `verb=$1; shift
case "$verb" in
  run)
    for arg; do
      case "$previous" in
        --name) name=$arg;;
        --publish) port=$(echo "$arg" | cut -d: -f2);;
        --mount) dir=$(echo "$arg" | sed 's/.*source=\\([^,]*\\).*/\\1/');;
      esac
      previous=$arg
    done
    echo $$ > ${pidFile("$name")}
    exec "${server.command}" --port "$port" --bind 127.0.0.1 --dir "$dir" --appendonly yes --appendfsync always --save "";;
  *)
    for arg; do name=$arg; done
    pid=$(cat ${pidFile("$name")}) || exit 1
    case "$verb" in
      stop) kill -TERM "$pid";;
      rm) kill -KILL "$pid";;
      pause) kill -STOP "$pid";;
      unpause) kill -CONT "$pid";;
    esac;;
esac`,
  );
}

async function redisInDocker(machine: FakeMachine): Promise<LocalRedis> {
  const command = await fakeDocker(machine);
  const redis = await startWithServer(
    { kind: "docker", command, image: "redis:7" },
    { dataDir: await tempDir() },
  );
  onTestFinished(() => redis.stop());
  return redis;
}

test("the container is durable, removed at its end, and published on this machine only", async () => {
  const machine = await fakeMachine();
  const redis = await redisInDocker(machine);
  const [run = ""] = (await machine.calls()).filter((call) => call.startsWith("docker run"));
  expect(run).toContain("run --rm --name patchlane-redis-");
  expect(run).toContain(`--publish 127.0.0.1:${redis.port}:6379`);
  expect(run).toContain(`source=${redis.dataDir},target=/data`);
  expect(run).toContain("redis:7 redis-server");
  expect(run).toContain("--appendonly yes --appendfsync always --maxmemory-policy noeviction");
});

test("kill, restart, pause and stop reach the container that was started", async () => {
  const machine = await fakeMachine();
  const redis = await redisInDocker(machine);
  await send(redis, "SET", "a", "1");
  await redis.kill();
  await expect(send(redis, "PING")).rejects.toThrow("ECONNREFUSED");
  await redis.restart();
  await redis.pause();
  await redis.resume();
  expect(await send(redis, "GET", "a")).toBe("1");
  await redis.stop();
  await expect(send(redis, "PING")).rejects.toThrow("ECONNREFUSED");
  expect(existsSync(redis.dataDir)).toBe(false);
});
