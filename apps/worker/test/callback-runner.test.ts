import type { DueCallback, DueCallbacks } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { CallbackRunner } from "../src/callbacks/callback-runner.ts";
import { SOON } from "./support/rig.ts";

/** A runner with callbacks that end when the test says so. */
function setUp(waiting: number, trouble: readonly Error[] = []) {
  const errors = [...trouble];
  const heard: unknown[] = [];
  const underWay: (() => void)[] = [];
  let left = waiting;
  const runner = new CallbackRunner({
    take: async (most): Promise<DueCallbacks> => {
      const error = errors.shift();
      if (error !== undefined) {
        throw error;
      }
      const callbacks = Array.from({ length: Math.min(most, left) }, () => ({}) as DueCallback);
      left -= callbacks.length;
      return { callbacks, nextInMs: left > 0 ? 0 : undefined };
    },
    deliver: () => new Promise((resolve) => underWay.push(resolve)),
    onError: (error) => heard.push(error),
  });
  return { runner, heard, underWay };
}

test("makes what is due, a bounded number at a time", async () => {
  const { runner, underWay } = setUp(20);
  runner.start();
  await expect.poll(() => underWay.length, SOON).toBe(16);
  underWay[0]?.();
  await expect.poll(() => underWay.length, SOON).toBe(17);
  for (let ended = 1; ended < 20; ended += 1) {
    await expect.poll(() => underWay.length, SOON).toBeGreaterThan(ended);
    underWay[ended]?.();
  }
  await runner.stop();
});

test("trouble with Redis is reported, and it goes on", async () => {
  const trouble = new Error("Redis is away");
  const { runner, heard, underWay } = setUp(1, [trouble]);
  runner.start();
  await expect.poll(() => underWay.length, SOON).toBe(1);
  expect(heard).toEqual([trouble]);
  underWay[0]?.();
  await runner.stop();
});

test("a stop waits for what is under way and takes nothing new", async () => {
  const { runner, underWay } = setUp(17);
  runner.start();
  await expect.poll(() => underWay.length, SOON).toBe(16);
  let isStopped = false;
  const stopped = runner.stop().then(() => {
    isStopped = true;
  });
  for (const end of underWay.slice(1)) {
    end();
  }
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  underWay[0]?.();
  await stopped;
  expect(underWay).toHaveLength(16);
});
