import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { ChildStartError, startChild } from "../src/index.ts";

const ready = (line: Readonly<Record<string, unknown>>): boolean => line.ready === true;

test("a process is ready at its ready line, and gone after stop", async () => {
  const { service, ready: line } = await startChild({
    name: "child",
    nodeArguments: [
      "-e",
      'console.log("noise"); console.log(JSON.stringify({ ready: true, n: 7 })); setInterval(() => {}, 1000)',
    ],
    environment: {},
    isReady: ready,
  });
  expect(line).toEqual({ ready: true, n: 7 });
  await service.stop();
  expect(() => process.kill(service.pid, 0)).toThrow();
});

test("a process that ends before it is ready is reported with what it printed", async () => {
  const started = startChild({
    name: "child",
    nodeArguments: ["-e", 'console.error("REDIS_URL is required"); process.exit(1)'],
    environment: {},
    isReady: ready,
  });
  await expect(started).rejects.toThrow(ChildStartError);
  await expect(started).rejects.toThrow(/child ended before it was ready:\nREDIS_URL is required/);
});

test("a process gets the environment it is given and not ours", async () => {
  process.env.PATCHLANE_TEST_SECRET = "ours";
  const { service, ready: line } = await startChild({
    name: "child",
    nodeArguments: [
      "-e",
      "console.log(JSON.stringify({ ready: true, ours: process.env.PATCHLANE_TEST_SECRET ?? null, given: process.env.GIVEN })); setInterval(() => {}, 1000)",
    ],
    environment: { GIVEN: "yes" },
    isReady: ready,
  });
  await service.stop();
  delete process.env.PATCHLANE_TEST_SECRET;
  expect(line).toMatchObject({ ours: null, given: "yes" });
});

test("a process does not outlive the one that started it, though that was killed", async () => {
  const program = fileURLToPath(new URL("./support/start-and-stay.ts", import.meta.url));
  const starter = spawn(process.execPath, ["--conditions=@patchlane/source", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void starter.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: starter.stdout }), "line")) as [string];
  const { pid } = JSON.parse(line) as { pid: number };
  onTestFinished(() => void (isRunning(pid) && process.kill(pid, "SIGKILL")));
  expect(isRunning(pid)).toBe(true);
  starter.kill("SIGKILL");
  await expect.poll(() => isRunning(pid)).toBe(false);
});

/** One that has ended and only waits to be noticed does not count. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}

test("a paused process stops as well", async () => {
  const { service } = await startChild({
    name: "child",
    nodeArguments: [
      "-e",
      'process.on("SIGTERM", () => process.exit(0)); console.log(JSON.stringify({ ready: true })); setInterval(() => {}, 1000)',
    ],
    environment: {},
    isReady: ready,
  });
  service.signal("SIGSTOP");
  await service.stop();
  expect(() => process.kill(service.pid, 0)).toThrow();
});
