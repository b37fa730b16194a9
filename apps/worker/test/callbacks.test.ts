import {
  type BulkUpdate,
  CALLBACK_LEASE_MS,
  isBulkOver,
  type UpdateQueue,
} from "@patchlane/update-queue";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import { type Receiver, type ReceiverAnswer, startReceiver } from "./support/receiver.ts";
import { rigs, SOON } from "./support/rig.ts";

const rig = rigs();
const SECRET = Buffer.alloc(32, 7);
const SETTINGS = { CALLBACK_SECRET: [SECRET], CALLBACK_ALLOW_PRIVATE: true };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

async function receiver(...answers: ReceiverAnswer[]): Promise<Receiver> {
  const started = await startReceiver(...answers);
  closers.push(() => started.close());
  return started;
}

/** A bulk update none of whose rows can be sent: over as soon as it is there. */
async function handIn(queue: UpdateQueue, callbackUrl: string): Promise<string> {
  const begun = await queue.bulk.begin({
    label: "nightly sync",
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tests",
    callbackUrl,
  });
  if (begun.kind !== "open") {
    throw new Error("not open");
  }
  const { intake } = begun;
  const error = { code: "INVALID_CHANGE", message: "no id" } as const;
  await intake.add([{ kind: "bad", error, input: { line: "{}" } }]);
  await intake.commit({ inputDigest: "1", columns: [] });
  return intake.bulkUpdateId;
}

/** What the receiver was told, once its signature was checked. */
function verified(call: Awaited<ReturnType<Receiver["call"]>>): unknown {
  const headers = call.headers as Record<string, string>;
  return new Webhook(SECRET.toString("base64")).verify(call.body, headers);
}

test("who handed in a bulk update is told its end, until they take it, and again after a retry", async () => {
  const { queue, start } = await rig();
  const { url, call, calls } = await receiver(503, 204);
  start({ settings: SETTINGS });
  const id = await handIn(queue, url);
  const [failed, taken] = [await call(1), await call(2)];
  expect(verified(taken)).toMatchObject({
    id,
    state: "COMPLETED_WITH_ERRORS",
    label: "nightly sync",
    dryRun: false,
    counts: { total: 1, failed: 1, applied: 0 },
  });
  expect(taken.headers["webhook-id"]).toBe(failed.headers["webhook-id"]);

  expect(await queue.bulk.retry(id)).toMatchObject({ kind: "done" });
  await expect
    .poll(async () => isBulkOver((await queue.bulk.get(id)) as BulkUpdate), SOON)
    .toBe(true);
  const again = await call(3);
  expect(verified(again)).toMatchObject({ id, state: "COMPLETED_WITH_ERRORS" });
  expect(again.headers["webhook-id"]).not.toBe(taken.headers["webhook-id"]);
  expect(calls).toHaveLength(3);
});

test("what was handed in before a worker was there is told by the next one", async () => {
  const { queue, start } = await rig();
  const { url, call } = await receiver(204);
  const id = await handIn(queue, url);
  start({ settings: SETTINGS });
  expect(verified(await call(1))).toMatchObject({ id });
});

test("a private address is not called, whatever it was when it was handed in", async () => {
  const { queue, start, another } = await rig();
  const { url, calls } = await receiver(204);
  const id = await handIn(queue, url);
  start({ settings: { ...SETTINGS, CALLBACK_ALLOW_PRIVATE: false } });
  // Its try has failed and waits for the next one.
  const { worker } = another();
  const isWaiting = async (): Promise<boolean> => {
    const { nextInMs = 0 } = await worker.callbacks.take(0);
    return nextInMs > 0 && nextInMs < CALLBACK_LEASE_MS / 2;
  };
  await expect.poll(isWaiting, SOON).toBe(true);
  expect((await queue.bulk.get(id))?.state).toBe("COMPLETED_WITH_ERRORS");
  expect(calls).toEqual([]);
});
