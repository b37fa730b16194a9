import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type BulkUpdate, newBulkUpdateId, type ReferralUpdate } from "@patchlane/update-queue";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { watchBulkUpdate } from "../src/watch/watch-bulk-update.ts";
import { watchUpdate } from "../src/watch/watch-update.ts";
import { endLane, notesRow, openLanes, submitRows } from "./support/bulk.ts";
import { type EventStream, type SentEvent, subscribe } from "./support/event-stream.ts";
import { serve } from "./support/serving.ts";
import { type Stack, startStack, TESTER } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(async () => {
  // Listeners left behind would be there for good.
  await expect.poll(() => stack.queue.events.listenedTo).toBe(0);
});
afterAll(() => stack.close());

const UPDATE_CHANGED = `subscription ($id: ID!) {
  referralUpdateChanged(id: $id) { id state attempts etag finishedAt error { code } }
}`;
const BULK_CHANGED = `subscription ($id: ID!) {
  bulkUpdateChanged(id: $id) {
    id state pausedReason etaSeconds counts { total queued sending applied unchanged failed cancelled }
  }
}`;
const COMPLETE: SentEvent = { event: "complete", data: undefined };

async function accept(referralId: string): Promise<string> {
  const accepted = await stack.queue.ledger.accept({
    referralId,
    intent: { changes: { name: "x" } },
    patch: [{ op: "replace", path: "/name", value: "x" }],
    submittedBy: "tester",
  });
  return accepted.ok ? accepted.id : "";
}

const submit = (referralIds: readonly string[]): Promise<string> =>
  submitRows(
    stack.queue,
    referralIds.map((id) => notesRow(id, "x")),
  );

const updateIn = (more: object) => ({
  event: "next",
  data: { data: { referralUpdateChanged: expect.objectContaining(more) } },
});
const bulkIn = (more: object) => ({
  event: "next",
  data: { data: { bulkUpdateChanged: expect.objectContaining(more) } },
});

describe("referralUpdateChanged", () => {
  test.each(["GET", "POST"] as const)(
    "by %s: the current state first, every change after it, complete when it is final",
    async (method) => {
      const origin = await serve(stack);
      const lanes = openLanes(stack.redis.url);
      const referralId = randomUUID();
      const id = await accept(referralId);
      const stream = await subscribe(origin, UPDATE_CHANGED, { id }, method);
      expect([stream.status, stream.headers.get("content-type")]).toEqual([
        200,
        "text/event-stream",
      ]);
      expect(stream.headers.get("x-accel-buffering")).toBe("no"); // or a proxy may hold events back
      const first = { id, state: "QUEUED", attempts: 0, finishedAt: null };
      expect(await stream.next()).toEqual(updateIn(first));
      await endLane(lanes, referralId);
      expect(await stream.rest()).toEqual([
        updateIn({ state: "SENDING", attempts: 1, finishedAt: null }),
        updateIn({ state: "APPLIED", finishedAt: expect.any(String) }),
        COMPLETE,
      ]);
    },
  );

  test("what is final already is told once", async () => {
    const origin = await serve(stack);
    const referralId = randomUUID();
    const id = await accept(referralId);
    const error = { code: "CONFLICT", message: "changed meanwhile" } as const;
    await endLane(openLanes(stack.redis.url), referralId, "FAILED", error);
    const stream = await subscribe(origin, UPDATE_CHANGED, { id });
    expect(await stream.rest()).toEqual([
      updateIn({ state: "FAILED", error: { code: "CONFLICT" } }),
      COMPLETE,
    ]);
  });
});

describe("bulkUpdateChanged", () => {
  const seen = ({ data }: SentEvent): BulkUpdate =>
    (data as { data: { bulkUpdateChanged: BulkUpdate } }).data.bulkUpdateChanged;

  test("what it is like now first, progress four times a second at most, always the end", async () => {
    const origin = await serve(stack);
    const lanes = openLanes(stack.redis.url);
    const referralIds = Array.from({ length: 150 }, () => randomUUID());
    const id = await submit(referralIds);
    const openedAt = performance.now();
    const stream = await subscribe(origin, BULK_CHANGED, { id });
    const first = await stream.next();
    expect(first).toEqual(bulkIn({ id, state: "RUNNING", etaSeconds: expect.any(Number) }));
    const rest = stream.rest();
    for (const referralId of referralIds) {
      await endLane(lanes, referralId);
    }
    const events = await rest;
    const tookMs = performance.now() - openedAt;
    expect(events.at(-1)).toEqual(COMPLETE);
    expect(events.at(-2)).toEqual(
      bulkIn({ state: "COMPLETED", counts: expect.objectContaining({ total: 150, applied: 150 }) }),
    );
    const told = events.slice(0, -1).map(seen);
    expect(told.length).toBeLessThanOrEqual(tookMs / 250 + 1);
    const applied = told.map(({ counts }) => counts.applied);
    expect(applied).toEqual([...applied].sort((a, b) => a - b));
    for (const { counts } of told) {
      const { total, ...byState } = counts;
      expect(Object.values(byState).reduce((sum, count) => sum + count, 0)).toBe(total);
    }
  });

  test("a pause keeps it open and is told, also one of everybody; cancelled, it completes", async () => {
    const origin = await serve(stack);
    const id = await submit([randomUUID()]);
    const stream = await subscribe(origin, BULK_CHANGED, { id });
    expect(await stream.next()).toEqual(bulkIn({ state: "RUNNING", pausedReason: null }));
    await stack.queue.account.paused("sign-in does not work");
    const reason = { state: "RUNNING", pausedReason: "sign-in does not work", etaSeconds: null };
    expect(await stream.next()).toEqual(bulkIn(reason));
    await stack.queue.account.answered("write");
    expect(await stream.next()).toEqual(bulkIn({ state: "RUNNING", pausedReason: null }));
    await stack.queue.bulk.pause(id, "ops");
    expect(await stream.next()).toEqual(bulkIn({ state: "PAUSED", pausedReason: "paused by ops" }));
    await stack.queue.bulk.cancel(id);
    const rest = await stream.rest();
    expect(rest.at(-2)).toEqual(
      bulkIn({ state: "CANCELLED", counts: expect.objectContaining({ queued: 0, cancelled: 1 }) }),
    );
    expect(rest.at(-1)).toEqual(COMPLETE);
  });

  test("one that is over is told once", async () => {
    const origin = await serve(stack);
    const referralId = randomUUID();
    const id = await submit([referralId]);
    await endLane(openLanes(stack.redis.url), referralId);
    const stream = await subscribe(origin, BULK_CHANGED, { id }, "GET");
    expect(await stream.rest()).toEqual([bulkIn({ state: "COMPLETED" }), COMPLETE]);
  });
});

test.each([
  ["update", "upd_0", UPDATE_CHANGED],
  ["update", "", UPDATE_CHANGED],
  ["bulk update", newBulkUpdateId(), BULK_CHANGED],
  ["bulk update", "*", BULK_CHANGED],
])("to subscribe to an unknown %s (%j) is an error that says so", async (_kind, id, query) => {
  const stream = await subscribe(await serve(stack), query, { id });
  expect(await stream.rest()).toEqual([
    {
      event: "next",
      data: expect.objectContaining({
        errors: [
          expect.objectContaining({
            message: expect.stringContaining("There is no such"),
            extensions: { code: "NOT_FOUND" },
          }),
        ],
      }),
    },
    COMPLETE,
  ]);
});

test("a stream that has nothing to say says that it is alive", async () => {
  const id = await submit([randomUUID()]);
  const stream = await subscribe(await serve(stack), BULK_CHANGED, { id });
  await stream.next();
  const ping = { event: "ping", data: undefined };
  expect([await stream.nextOfAny(), await stream.nextOfAny()]).toEqual([ping, ping]);
  stream.leave();
});

test("a stream outlives the time a request may take to arrive", async () => {
  const id = await submit([randomUUID()]);
  const origin = await serve(stack, { longestArrivalMs: 50 });
  const stream = await subscribe(origin, BULK_CHANGED, { id }, "GET");
  await stream.next();
  expect((await stream.nextOfAny())?.event).toBe("ping"); // later than that
  await stack.queue.bulk.cancel(id);
  expect((await stream.rest()).at(-1)).toEqual(COMPLETE);
});

test("mutations stay impossible by GET, also for who says to take events", async () => {
  const referralId = randomUUID();
  const origin = await serve(stack);
  const mutation = `mutation { updateReferral(input: { referralId: "${referralId}", waitMs: 0,
    changes: { name: "x" } }) { __typename } }`;
  const stream = await subscribe(origin, mutation, {}, "GET");
  expect(stream.status).toBe(405);
  expect((await stack.queue.ledger.listOfReferral(referralId, 1)).totalCount).toBe(0);
});

test("who goes away is not listened for any longer, however he goes", async () => {
  const origin = await serve(stack);
  const id = await submit([randomUUID()]);
  const update = await accept(randomUUID());
  const streams: EventStream[] = [];
  for (let count = 0; count < 5; count++) {
    streams.push(await subscribe(origin, BULK_CHANGED, { id }));
    streams.push(await subscribe(origin, UPDATE_CHANGED, { id: update }));
  }
  await Promise.all(streams.map((stream) => stream.next()));
  expect(stack.queue.events.listenedTo).toBe(2);
  for (const stream of streams) {
    stream.leave();
  }
  await expect.poll(() => stack.queue.events.listenedTo).toBe(0);
  // Before its first event was asked for, too.
  (await subscribe(origin, BULK_CHANGED, { id })).leave();
});

test("a gateway that stops says so on every stream, and ends it", async () => {
  const stopping = new AbortController();
  const origin = await serve(stack, { stopping: stopping.signal });
  const streams = await Promise.all([
    subscribe(origin, BULK_CHANGED, { id: await submit([randomUUID()]) }),
    subscribe(origin, UPDATE_CHANGED, { id: await accept(randomUUID()) }),
  ]);
  await Promise.all(streams.map((stream) => stream.next()));
  stopping.abort();
  for (const stream of streams) {
    expect(await stream.rest()).toEqual([
      {
        event: "next",
        data: expect.objectContaining({
          errors: [
            expect.objectContaining({
              message: "The gateway is stopping; subscribe again",
              extensions: { code: "SERVICE_UNAVAILABLE", retryAfterMs: 1000 },
            }),
          ],
        }),
      },
      COMPLETE,
    ]);
  }
});

describe("messages that get lost", () => {
  /** Hears nothing, as after a connection broke at the wrong moment. */
  const deaf = () => ({
    services: {
      ...stack.services,
      queue: { ...stack.queue, events: { listen: () => () => {} } as never },
    },
    caller: TESTER,
  });
  const states = async (told: AsyncIterable<{ state?: string } | Error>): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const next of told) {
      all.push(next instanceof Error ? next : next.state);
    }
    return all;
  };

  test("cost a second, not the news", async () => {
    const lanes = openLanes(stack.redis.url);
    const [one, two] = [randomUUID(), randomUUID()];
    const ofUpdate = states(await watchUpdate(deaf(), await accept(one)));
    const ofBulk = states(await watchBulkUpdate(deaf(), await submit([two])));
    await sleep(0);
    await endLane(lanes, one);
    await endLane(lanes, two);
    expect((await ofUpdate).at(-1)).toBe("APPLIED");
    expect((await ofBulk).at(-1)).toBe("COMPLETED");
  });

  test("a Redis that was away in the middle ends no stream", async () => {
    const own = await startStack();
    onTestFinished(() => own.close());
    const origin = await serve(own);
    const referralId = randomUUID();
    const id = await submitRows(own.queue, [notesRow(referralId, "x")]);
    const stream = await subscribe(origin, BULK_CHANGED, { id });
    expect(await stream.next()).toEqual(bulkIn({ state: "RUNNING" }));
    await own.redis.kill();
    await expect.poll(() => own.queue.events.isConnected).toBe(false);
    const late = await subscribe(origin, BULK_CHANGED, { id });
    expect(await late.rest()).toEqual([
      {
        event: "next",
        data: expect.objectContaining({
          errors: [
            expect.objectContaining({
              extensions: { code: "SERVICE_UNAVAILABLE", retryAfterMs: 1000 },
            }),
          ],
        }),
      },
      COMPLETE,
    ]);
    await own.redis.restart();
    await endLane(openLanes(own.redis.url), referralId);
    expect((await stream.rest()).slice(-2)).toEqual([bulkIn({ state: "COMPLETED" }), COMPLETE]);
  });
});

test("states that were entered and left between two looks are told, in order", async () => {
  const referralId = randomUUID();
  const id = await accept(referralId);
  const queued = await stack.queue.ledger.get(id);
  await endLane(openLanes(stack.redis.url), referralId);
  const applied = await stack.queue.ledger.get(id);
  const looks = [queued, queued]; // once for whether there is such an update, once as it is at first
  let tell = (_state: string): void => {};
  const events = { listen: (_id: string, listener: typeof tell) => (tell = listener) };
  const ledger = { get: async () => looks.shift() ?? applied };
  const told: ReferralUpdate[] = [];
  const services = { ...stack.services, queue: { events, ledger } as never };
  for await (const update of await watchUpdate({ services, caller: TESTER }, id)) {
    told.push(update as ReferralUpdate);
    if (told.length === 1) {
      // The first one is late: it was entered before the first look.
      for (const state of ["QUEUED", "SENDING", "QUEUED", "SENDING", "APPLIED"]) {
        tell(state);
      }
    }
  }
  expect(told.map(({ state }) => state)).toEqual([
    "QUEUED",
    "SENDING",
    "QUEUED",
    "SENDING",
    "APPLIED",
  ]);
  expect(told.map(({ finishedAt }) => finishedAt !== undefined)).toEqual([
    false,
    false,
    false,
    false,
    true,
  ]);
});
