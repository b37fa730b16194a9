import { expect, test } from "vitest";
import { LedgerUnavailableError } from "../src/index.ts";
import { startAnswerThief } from "./support/answer-thief.ts";
import { referral, row, submit } from "./support/bulk.ts";
import { privateRedis, SOON, untilConnected } from "./support/private-redis.ts";
import {
  accept,
  begin,
  claim,
  counts,
  expectCountsToAddUp,
  finish,
  notes,
  pendingIn,
  REFERRAL,
  stateOf,
} from "./support/updates.ts";

const redis = privateRedis();

test("what was accepted can be read back, whole", async () => {
  const queue = await redis.account().openUpdateQueue();
  const id = await accept(queue, notes("hello", { ifMatch: '"v1"', submittedBy: "crm" }));
  expect(id).toMatch(/^upd_[0-9a-f]{32}$/);
  expect(await queue.ledger.get(id)).toMatchObject({
    id,
    referralId: REFERRAL,
    state: "QUEUED",
    intent: { changes: { details: { notes: "hello" } } },
    patch: [{ op: "replace", path: "/details/notes", value: "hello" }],
    ifMatch: '"v1"',
    submittedBy: "crm",
    attempts: 0,
    mergedWith: [],
    submittedAt: expect.closeTo(Date.now(), -5),
  });
  expect(await queue.ledger.get("upd_nobody")).toBeUndefined();
});

test("updates of a referral stand in the order accepted, those of others elsewhere", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const ids: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    ids.push(await accept(queue, notes(`${n}`)));
    await accept(queue, notes("other", { referralId: `other-${n}` }));
  }
  const lease = await claim(account.openLaneQueue());
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual(ids);
  await lease.handBack();
});

test("the same key and input answer the same update, in any spelling", async () => {
  const queue = await redis.account().openUpdateQueue();
  const first = notes("x", { idempotencyKey: "k" });
  const again = {
    ...first,
    intent: { changes: { details: { dealValue: "1", notes: "x" } } },
  };
  const spelledOtherwise = {
    ...first,
    intent: { changes: { details: { notes: "x", dealValue: "1" } } },
  };
  const accepted = await queue.ledger.accept(again);
  expect(accepted).toMatchObject({ ok: true, isReplay: false });
  expect(await queue.ledger.accept(spelledOtherwise)).toEqual({ ...accepted, isReplay: true });
  expect(await counts(queue)).toEqual({ QUEUED: 1 });
});

test("the same key with other input is a mismatch and accepts nothing", async () => {
  const queue = await redis.account().openUpdateQueue();
  await accept(queue, notes("x", { idempotencyKey: "k" }));
  for (const other of [
    notes("y", { idempotencyKey: "k" }),
    notes("x", { idempotencyKey: "k", referralId: "another" }),
    notes("x", { idempotencyKey: "k", ifMatch: '"v1"' }),
  ]) {
    expect(await queue.ledger.accept(other)).toEqual({ ok: false, reason: "idempotencyMismatch" });
  }
  expect(await counts(queue)).toEqual({ QUEUED: 1 });
});

test("a key is its caller's own", async () => {
  const queue = await redis.account().openUpdateQueue();
  const mine = await accept(queue, notes("x", { idempotencyKey: "k", submittedBy: "me" }));
  const theirs = await accept(queue, notes("x", { idempotencyKey: "k", submittedBy: "them" }));
  expect(theirs).not.toBe(mine);
  expect(await counts(queue)).toEqual({ QUEUED: 2 });
});

test("one key used by many at once is accepted once", async () => {
  const account = redis.account();
  const queues = [await account.openUpdateQueue(), await account.openUpdateQueue()] as const;
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      accept(n % 2 === 0 ? queues[0] : queues[1], notes("x", { idempotencyKey: "k" })),
    ),
  );
  expect(new Set(ids).size).toBe(1);
});

test("a queued update is cancelled once, and is gone from its lane", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const before = await accept(queue, notes("1"));
  const cancelled = await accept(queue, notes("2"));
  const after = await accept(queue, notes("3"));
  expect(await queue.ledger.cancel(cancelled)).toBe("CANCELLED");
  expect(await queue.ledger.cancel(cancelled)).toBe("CANCELLED");
  expect(await queue.ledger.cancel("upd_nobody")).toBeUndefined();
  expect(await queue.ledger.get(cancelled)).toMatchObject({
    state: "CANCELLED",
    finishedAt: expect.any(Number),
  });
  const lease = await claim(account.openLaneQueue());
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([before, after]);
  await finish(lease);
  expect(await counts(queue)).toEqual({ APPLIED: 2, CANCELLED: 1 });
  expect(await account.dump()).not.toContain("lanes-waiting");
});

test("an update under way or final is not cancelled", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("1"));
  const lease = await claim(account.openLaneQueue());
  await begin(lease, id);
  expect(await queue.ledger.cancel(id)).toBe("SENDING");
  await lease.settle([{ id, state: "APPLIED" }], true);
  expect(await queue.ledger.cancel(id)).toBe("APPLIED");
  expect(await stateOf(queue, id)).toBe("APPLIED");
  expect(await counts(queue)).toEqual({ APPLIED: 1 });
  await finish(lease);
});

test("a command that reaches Redis after its deadline accepts nothing", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await accept(queue, notes("warm-up", { referralId: "other" }));
  const heard = redis.admin.duplicate();
  redis.onClose(async () => heard.disconnect());
  const messages: string[] = [];
  heard.on("message", (_channel, message: string) => messages.push(message));
  await heard.subscribe(account.keys.events);

  await redis.server.pause();
  await expect(queue.ledger.accept(notes("late"))).rejects.toThrow(LedgerUnavailableError);
  await redis.server.resume();
  await untilConnected(queue);
  const marker = await accept(queue, notes("marker", { referralId: "other" }));
  await expect.poll(() => messages, SOON).toContain(`${marker} QUEUED`);
  expect(messages).toHaveLength(1);
  expect(await queue.ledger.hasPending(REFERRAL)).toBe(false);
});

test("an accept whose answer was lost is taken back, and its key is free again", async () => {
  const account = redis.account();
  const thief = await startAnswerThief(redis.server.port);
  redis.onClose(() => thief.close());
  const queue = await account.openUpdateQueue({ redisUrl: thief.url });
  const onlooker = await account.openUpdateQueue();
  await untilConnected(queue);
  const kept = await accept(queue, notes("kept"));
  const whatIs = async (): Promise<object> => ({
    history: (await onlooker.ledger.listOfReferral(REFERRAL, 10)).updates.map(({ id }) => id),
    counts: await counts(onlooker),
    lane: await redis.admin.lrange(account.keys.lane(REFERRAL), 0, -1),
    audited: await redis.admin.xlen(account.keys.audit),
  });

  thief.steal();
  const lost = notes("lost", { idempotencyKey: "k" });
  await expect(queue.ledger.accept(lost)).rejects.toThrow(LedgerUnavailableError);
  await thief.stolen;
  const asBefore = { history: [kept], counts: { QUEUED: 1 }, lane: [kept], audited: 0 };
  await expect.poll(whatIs, SOON).toEqual(asBefore);
  expect(await onlooker.ledger.accept(notes("other", { idempotencyKey: "k" }))).toMatchObject({
    ok: true,
    isReplay: false,
  });
  await expectCountsToAddUp(onlooker, 2);
});

test.each([
  ["accepting again", "accept"],
  ["asking what its key was used for", "findEarlier"],
] as const)(
  "a caller that retries with its key elsewhere (%s), before the lost accept is taken back, keeps it",
  async (_name, how) => {
    const account = redis.account();
    const thief = await startAnswerThief(redis.server.port);
    redis.onClose(() => thief.close());
    const unlucky = await account.openUpdateQueue({ redisUrl: thief.url });
    const other = await account.openUpdateQueue();
    await untilConnected(unlucky);
    await accept(other, notes("warm-up", { referralId: "other" }));

    thief.steal();
    const update = notes("wanted", { idempotencyKey: "k" });
    // The retry is handed to its socket before the withdrawal's connection is even open again.
    const retried = thief.stolen.then(() => other.ledger[how](update));
    await expect(unlucky.ledger.accept(update)).rejects.toThrow(LedgerUnavailableError);
    const answer = await retried;
    expect(answer).toMatchObject({ ok: true, isReplay: true });
    await untilConnected(unlucky);
    await unlucky.ledger.accept(notes("next", { referralId: "other" })); // behind the withdrawal
    expect(answer?.ok && (await stateOf(other, answer.id))).toBe("QUEUED");
    await expectCountsToAddUp(other, 3);
  },
);

test("the updates of a referral are listed newest first, page by page", async () => {
  const queue = await redis.account().openUpdateQueue();
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    ids.push(await accept(queue, notes(`${n}`)));
  }
  ids.reverse();
  const first = await queue.ledger.listOfReferral(REFERRAL, 3);
  expect(first.updates.map(({ id }) => id)).toEqual(ids.slice(0, 3));
  expect(first).toMatchObject({ hasMore: true, totalCount: 5 });
  const rest = await queue.ledger.listOfReferral(REFERRAL, 3, ids[2]);
  expect(rest.updates.map(({ id }) => id)).toEqual(ids.slice(3));
  expect(rest.hasMore).toBe(false);
});

test("rows of an upload, and what is accepted after a clock was set back, keep their order in the list", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const inAnHour = Date.now() + 3_600_000;
  await redis.admin.zadd(account.keys.referralUpdates(referral(1)), inAnHour, "upd_of_the_future");
  const first = await accept(queue, notes("first", { referralId: referral(1) }));
  const rows = Array.from({ length: 25 }, (_, n) => row(1, `row ${n + 1}`));
  await submit(queue, rows);
  const last = await accept(queue, notes("last", { referralId: referral(1) }));

  const { updates } = await queue.ledger.listOfReferral(referral(1), 100);
  const numbers = updates.slice(1, -1).map(({ rowNumber }) => rowNumber);
  expect(numbers).toEqual(rows.map((_, n) => 25 - n));
  expect([updates[0]?.id, updates.at(-1)?.id]).toEqual([last, first]);
});

test("updates whose retention is over leave no empty pages behind", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const ids: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    ids.push(await accept(queue, notes(`${n}`)));
  }
  ids.reverse();
  const kept = [0, 1, 7].map((at) => ids[at] ?? "");
  const gone = ids.filter((id) => !kept.includes(id));
  await Promise.all(gone.map((id) => redis.admin.hdel(account.keys.update(id), "payload")));
  const idsOf = async (first: number, after?: string) => {
    const { updates, hasMore } = await queue.ledger.listOfReferral(REFERRAL, first, after);
    return { ids: updates.map(({ id }) => id), hasMore };
  };
  expect(await idsOf(2)).toEqual({ ids: kept.slice(0, 2), hasMore: true });
  expect(await idsOf(2, kept[1])).toEqual({ ids: kept.slice(2), hasMore: false });
  expect(await idsOf(3)).toEqual({ ids: kept, hasMore: false });
  expect(await idsOf(0)).toEqual({ ids: [], hasMore: true });
  expect(await idsOf(2, kept[2])).toEqual({ ids: [], hasMore: false });
});
