import { expect, test } from "vitest";
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
