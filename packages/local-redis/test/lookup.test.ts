import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LocalRedisUnavailableError, lookUpRedisServer } from "../src/index.ts";
import {
  appearingServer,
  type FakeMachine,
  fakeMachine,
  REDIS,
  VALKEY,
} from "./support/fake-machine.ts";

const ANSWERING_ENGINE = 'case "$1" in info) echo 28.2.2;; esac';

/** An apt-get that installs, after noting what the service policy was meanwhile. */
function installingApt(machine: FakeMachine): string {
  const { dir, edges } = machine;
  return `case "$*" in
    *" install "*) /bin/cp "${edges.servicePolicyFile}" "${dir}/policy-seen" 2>/dev/null; ${appearingServer(dir)};;
  esac`;
}

describe("on PATH", () => {
  test("redis-server is used, and nothing else is run", async () => {
    const machine = await fakeMachine({ isRoot: true });
    const command = await machine.put("redis-server", REDIS);
    await machine.put("apt-get", installingApt(machine));
    expect(await lookUpRedisServer(machine.edges)).toEqual({
      kind: "native",
      command,
      name: "redis-server",
      version: "7.0.15",
    });
    expect(await machine.calls()).toEqual(["redis-server --version"]);
    expect(machine.notices).toEqual([]);
  });

  test("valkey-server does as well", async () => {
    const machine = await fakeMachine();
    await machine.put("valkey-server", VALKEY);
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({
      name: "valkey-server",
      version: "8.1.3",
    });
  });

  test.each([
    ["is too old", 'echo "Redis server v=5.0.7 sha=0:0"', "5.0.7, too old"],
    ["does not run", 'echo "libjemalloc.so.2: cannot open" >&2; exit 127', "cannot open"],
  ])("a redis-server that %s is passed over", async (_case, body, reason) => {
    const machine = await fakeMachine();
    await machine.put("redis-server", body);
    await expect(lookUpRedisServer(machine.edges)).rejects.toThrow(reason);
    await machine.put("valkey-server", VALKEY);
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ name: "valkey-server" });
  });
});

describe("apt-get", () => {
  test("as root: updates, installs without questions, and says so", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put(
      "apt-get",
      `[ "$DEBIAN_FRONTEND" = noninteractive ] || exit 9\n${installingApt(machine)}`,
    );
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ name: "redis-server" });
    const apt = (await machine.calls()).filter((call) => call.startsWith("apt-get"));
    expect(apt[0]).toMatch(/DPkg::Lock::Timeout=\d+ update$/);
    expect(apt[1]).toMatch(
      /DPkg::Lock::Timeout=\d+ -y --no-install-recommends install redis-server$/,
    );
    expect(machine.notices).toEqual([expect.stringContaining("apt-get")]);
  });

  test("keeps the package from starting or enabling a service, and leaves no trace of that", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put("apt-get", installingApt(machine));
    await lookUpRedisServer(machine.edges);
    expect(await readFile(join(machine.dir, "policy-seen"), "utf8")).toContain("exit 101");
    expect(existsSync(machine.edges.servicePolicyFile)).toBe(false);
    expect(await machine.calls()).toContain("update-rc.d redis-server disable");
  });

  test("leaves a service policy and a service that were there before alone", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put("apt-get", installingApt(machine));
    await machine.put("dpkg-query", "printf installed");
    await writeFile(machine.edges.servicePolicyFile, "the administrator's own");
    await lookUpRedisServer(machine.edges);
    expect(await readFile(machine.edges.servicePolicyFile, "utf8")).toBe("the administrator's own");
    expect(await machine.calls()).not.toContain("update-rc.d redis-server disable");
  });

  test("a failing update does not stop a working install", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put(
      "apt-get",
      `case "$*" in *update) exit 100;; esac\n${installingApt(machine)}`,
    );
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ name: "redis-server" });
  });

  test("not root, sudo without a password: through sudo", async () => {
    const machine = await fakeMachine();
    await machine.put("apt-get", installingApt(machine));
    await machine.put("sudo", '[ "$1" = -n ] || exit 9\nshift\n[ "$1" = true ] || exec "$@"');
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ name: "redis-server" });
    expect(await machine.calls()).toContain("sudo -n true");
  });

  test("not root, sudo wants a password: not tried", async () => {
    const machine = await fakeMachine();
    await machine.put("apt-get", installingApt(machine));
    await machine.put("sudo", 'echo "a password is required" >&2; exit 1');
    await expect(lookUpRedisServer(machine.edges)).rejects.toThrow("password-free sudo");
    expect((await machine.calls()).filter((call) => call.startsWith("apt-get"))).toEqual([]);
  });

  test("a failed install says why, removes the policy, and goes on to Docker", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put("apt-get", 'echo "E: Unable to locate package redis-server" >&2; exit 100');
    await expect(lookUpRedisServer(machine.edges)).rejects.toThrow("Unable to locate package");
    expect(existsSync(machine.edges.servicePolicyFile)).toBe(false);
    await machine.put("docker", ANSWERING_ENGINE);
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ kind: "docker" });
  });

  test("two at the same time install once", async () => {
    const machine = await fakeMachine({ isRoot: true });
    await machine.put("apt-get", installingApt(machine));
    await Promise.all([lookUpRedisServer(machine.edges), lookUpRedisServer(machine.edges)]);
    const installs = (await machine.calls()).filter((call) => call.includes(" install "));
    expect(installs).toHaveLength(1);
    expect(existsSync(machine.edges.lockFile)).toBe(false);
  });
});

describe("Homebrew on macOS", () => {
  test("installs without questions", async () => {
    const machine = await fakeMachine({ platform: "darwin" });
    await machine.put(
      "brew",
      `[ "$NONINTERACTIVE" = 1 ] || exit 9\n${appearingServer(machine.dir)}`,
    );
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ name: "redis-server" });
    expect(await machine.calls()).toContain("brew install redis");
  });

  test("is not asked as root, which it refuses", async () => {
    const machine = await fakeMachine({ platform: "darwin", isRoot: true });
    await machine.put("brew", appearingServer(machine.dir));
    await expect(lookUpRedisServer(machine.edges)).rejects.toThrow("refuses to run as root");
    expect(await machine.calls()).toEqual([]);
  });
});

describe("Docker", () => {
  test("an engine with the image is used as it is", async () => {
    const machine = await fakeMachine();
    const command = await machine.put("docker", ANSWERING_ENGINE);
    expect(await lookUpRedisServer(machine.edges)).toEqual({
      kind: "docker",
      command,
      image: "redis:7",
    });
    expect(await machine.calls()).not.toContain("docker pull redis:7");
  });

  test("a missing image is pulled", async () => {
    const machine = await fakeMachine();
    await machine.put("docker", `case "$1" in image) exit 1;; info) echo 28.2.2;; esac`);
    expect(await lookUpRedisServer(machine.edges)).toMatchObject({ kind: "docker" });
    expect(await machine.calls()).toContain("docker pull redis:7");
  });

  test("a client without an engine does not count", async () => {
    const machine = await fakeMachine();
    await machine.put("docker", 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    await expect(lookUpRedisServer(machine.edges)).rejects.toThrow("Docker: no engine answers");
  });
});

test("with nothing at all, one message names every way out", async () => {
  const machine = await fakeMachine();
  const error = await lookUpRedisServer(machine.edges).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LocalRedisUnavailableError);
  const { message, ways } = error as LocalRedisUnavailableError;
  for (const way of ["PATH", "apt-get", "Homebrew", "Docker", "REDIS_URL"]) {
    expect(message).toContain(way);
  }
  expect(ways.map(({ way }) => way)).toEqual(["PATH", "apt-get", "Docker"]);
});
