import { expect, onTestFinished, test } from "vitest";
import { UPDATE } from "./support/documents.ts";
import { newReferral } from "./support/referrals.ts";
import { startStack } from "./support/stack.ts";

const STATUS = `{ queue {
  waiting active delayed paused pausedReason ratePerSecond throttledUntil oldestWaitingSeconds
} }`;

test("the queue says what waits, at which rate, and what holds it up", async () => {
  const stack = await startStack();
  onTestFinished(() => stack.close());
  const idle = {
    waiting: 0,
    active: 0,
    delayed: 0,
    paused: false,
    pausedReason: null,
    ratePerSecond: expect.any(Number),
    throttledUntil: null,
    oldestWaitingSeconds: 0,
  };
  expect(await stack.ask(STATUS)).toEqual({ data: { queue: idle } });

  for (const name of ["one", "two"]) {
    const referralId = newReferral(stack.simulator);
    await stack.ask(UPDATE, { input: { referralId, changes: { name }, waitMs: 0 } });
  }
  expect(await stack.ask(STATUS)).toMatchObject({ data: { queue: { waiting: 2, active: 0 } } });

  await stack.queue.account.paused("sign-in was refused");
  await stack.queue.budget.throttled({ retryAfterMs: 60_000 });
  const { data } = await stack.ask<{ queue: { throttledUntil: string } }>(STATUS);
  expect(data.queue).toMatchObject({ paused: true, pausedReason: "sign-in was refused" });
  expect(Date.parse(data.queue.throttledUntil)).toBeGreaterThan(Date.now());
});
