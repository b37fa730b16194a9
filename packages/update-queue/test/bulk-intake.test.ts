import { expect, test } from "vitest";
import { IntakeLostError } from "../src/index.ts";
import { startAnswerThief } from "./support/answer-thief.ts";
import { badRow, drain, look, open, referral, row, submit } from "./support/bulk.ts";
import { privateRedis } from "./support/private-redis.ts";
import { accept, begin, claim, counts, finish, notes, pendingIn } from "./support/updates.ts";

const redis = privateRedis();

async function account() {
  const account = redis.account();
  return {
    account,
    queue: await account.openUpdateQueue(),
    worker: account.openLaneQueue(),
  };
}

test("nothing of a bulk update runs before every row is there; then every row is in its lane", async () => {
  const { queue, worker } = await account();
  const intake = await open(queue);
  await intake.add([row(1), row(2)]);
  expect(await worker.lanes.claim(referral(1))).toEqual({ kind: "empty" });
  expect(await look(queue, intake.bulkUpdateId)).toEqual({ state: "INGESTING", queued: 2 });
  await intake.add([row(3)]);
  await intake.commit({ inputDigest: "d", columns: [] });
  expect(await look(queue, intake.bulkUpdateId)).toEqual({ state: "RUNNING", queued: 3 });
  await drain(worker, 3);
  expect(await look(queue, intake.bulkUpdateId)).toEqual({ state: "COMPLETED", applied: 3 });
  expect(await counts(queue)).toEqual({ APPLIED: 3 });
});

test("batches that overlap are written in their order, and fail with the one before", async () => {
  const { queue, worker } = await account();
  const intake = await open(queue, { idempotencyKey: "tonight" });
  void intake.add([row(1), row(2)]);
  void intake.add([row(3)]);
  await intake.add([row(4)]);
  const { rows } = await queue.bulk.rows(intake.bulkUpdateId, { first: 10 });
  expect(rows.map(({ referralId }) => referralId)).toEqual([1, 2, 3, 4].map(referral));
  await open(queue, { idempotencyKey: "tonight" });
  const late = [intake.add([row(5)]), intake.add([row(6)])];
  for (const refused of await Promise.allSettled(late)) {
    expect(refused).toMatchObject({ status: "rejected", reason: { name: "IntakeLostError" } });
  }
  await worker.bulk.resign();
});

test("a lost answer in the middle of overlapping batches costs nothing: every row is there once, in order", async () => {
  const own = redis.account();
  const thief = await startAnswerThief(redis.server.port);
  redis.onClose(() => thief.close());
  const queue = await own.openUpdateQueue({ redisUrl: thief.url });
  const intake = await open(queue);
  await intake.add([row(1)]);
  thief.steal();
  const batches = [2, 4, 6, 8].map((number) => intake.add([row(number), row(number + 1)]));
  await thief.stolen;
  await Promise.all(batches);
  await intake.commit({ inputDigest: "d", columns: [] });
  const { rows } = await queue.bulk.rows(intake.bulkUpdateId, { first: 20 });
  expect(rows.map(({ referralId }) => referralId)).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map(referral),
  );
  expect(await look(queue, intake.bulkUpdateId)).toEqual({ state: "RUNNING", queued: 9 });
});

test("rows of one referral keep their order, and an update that comes after the bulk update comes after them", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1, "a"), row(2), row(1, "b")]);
  const later = await accept(queue, notes("c", { referralId: referral(1) }));
  const lease = await claim(worker, referral(1));
  const pending = await pendingIn(lease);
  expect(pending.map((update) => update.id)).toEqual([`${rowId(id)}_1`, `${rowId(id)}_3`, later]);
  expect(pending.map(({ priority }) => priority)).toEqual(["bulk", "bulk", "interactive"]);
  expect(pending[1]).toMatchObject({
    bulkUpdateId: id,
    rowNumber: 3,
    skipUnchanged: true,
    patch: [{ op: "replace", path: "/details/notes", value: "b" }],
  });
  await finish(lease);
});

test("a bad row is FAILED from the start with its reason, is audited once, and the rest goes on", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), badRow("name: too long"), row(2)]);
  expect(await look(queue, id)).toEqual({ state: "RUNNING", queued: 2, failed: 1 });
  await drain(worker, 2);
  expect(await look(queue, id)).toEqual({
    state: "COMPLETED_WITH_ERRORS",
    applied: 2,
    failed: 1,
  });
  const { rows } = await queue.bulk.rows(id, { first: 10, state: "FAILED" });
  expect(rows).toMatchObject([
    { rowNumber: 2, error: { message: "name: too long" }, input: { line: "{" } },
  ]);
  const trail = await queue.audit.list({ first: 10 });
  expect(trail.entries.map(({ state }) => state).sort()).toEqual(["APPLIED", "APPLIED", "FAILED"]);
});

test("with nothing but bad rows it is over at once", async () => {
  const { queue } = await account();
  const id = await submit(queue, [badRow(), badRow()]);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED_WITH_ERRORS", failed: 2 });
  const dry = await submit(queue, [badRow()], { isDryRun: true });
  expect(await look(queue, dry)).toEqual({ state: "COMPLETED_WITH_ERRORS", failed: 1 });
});

test("what is discarded leaves nothing behind", async () => {
  const { account: own, queue } = await account();
  const intake = await open(queue, { idempotencyKey: "tonight" });
  await intake.add([row(1), badRow()]);
  await intake.discard();
  expect(await queue.bulk.get(intake.bulkUpdateId)).toBeUndefined();
  await expect(intake.add([row(2)])).rejects.toBeInstanceOf(IntakeLostError);
  await expect(intake.commit({ inputDigest: "d", columns: [] })).rejects.toThrow(IntakeLostError);
  const left = [...(await own.dump()).keys()].filter((key) => !key.includes(":bull:"));
  expect(left).toEqual([]);
});

test("the same key again takes an open intake over; surplus rows of the former sender go", async () => {
  const { account: own, queue, worker } = await account();
  const former = await open(queue, { idempotencyKey: "tonight" });
  await former.add([row(1, "old"), badRow(), row(3, "old")]);
  const next = await open(queue, { idempotencyKey: "tonight" });
  expect(next.bulkUpdateId).toBe(former.bulkUpdateId);
  await expect(former.add([row(4)])).rejects.toBeInstanceOf(IntakeLostError);
  await next.add([row(1, "new"), row(2, "new")]);
  expect(await look(queue, next.bulkUpdateId)).toEqual({ state: "INGESTING", queued: 2 });
  await next.commit({ inputDigest: "d", columns: [] });
  await expect(former.commit({ inputDigest: "d", columns: [] })).rejects.toThrow(IntakeLostError);
  await drain(worker, 3);
  expect(await look(queue, next.bulkUpdateId)).toEqual({ state: "COMPLETED", applied: 2 });
  const records = [...(await own.dump()).keys()].filter((key) => key.includes(":upd_"));
  expect(records).toHaveLength(2);
});

test("the same key after the commit answers what was taken then; another caller's key is another key", async () => {
  const { queue } = await account();
  const id = await submit(queue, [row(1)], { idempotencyKey: "tonight" });
  const again = await queue.bulk.begin({
    isDryRun: false,
    skipUnchanged: true,
    submittedBy: "tests",
    idempotencyKey: "tonight",
  });
  expect(again).toEqual({ kind: "earlier", bulkUpdateId: id, inputDigest: "digest" });
  const other = await open(queue, { idempotencyKey: "tonight", submittedBy: "somebody else" });
  expect(other.bulkUpdateId).not.toBe(id);
});

test("an intake nobody goes on with is thrown away; one with a key waits longer, one that was taken stays", async () => {
  const { account: own, queue, worker } = await account();
  const silent = await open(queue);
  await silent.add([row(1), row(2)]);
  const keyed = await open(queue, { idempotencyKey: "tonight" });
  await keyed.add([row(1)]);
  const fresh = await open(queue);
  const taken = await submit(queue, [row(3)]);
  await worker.bulk.discardAbandoned();
  expect(await queue.bulk.get(silent.bulkUpdateId)).toBeDefined();
  const minutesAgo = Date.now() - 10 * 60_000;
  await redis.admin.zadd(own.keys.bulksIngesting, minutesAgo, silent.bulkUpdateId);
  await redis.admin.zadd(own.keys.bulksIngesting, minutesAgo, keyed.bulkUpdateId);
  await worker.bulk.discardAbandoned();
  const { bulkUpdates } = await queue.bulk.list(10);
  expect(bulkUpdates.map(({ id }) => id).sort()).toEqual(
    [keyed.bulkUpdateId, fresh.bulkUpdateId, taken].sort(),
  );
  await expect(silent.commit({ inputDigest: "d", columns: [] })).rejects.toThrow(IntakeLostError);
});

test("rows wait behind one whose external id is not resolved, and end with it when it cannot be", async () => {
  const { queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const id = await submit(queue, [
    row(1),
    { kind: "update", externalReferenceId: "crm-7", intent },
    row(2, "a"),
    { kind: "update", externalReferenceId: "crm-8", intent },
  ]);
  expect((await worker.bulk.active()).map((bulk) => bulk.enlistedTo)).toEqual([1]);
  expect(await worker.lanes.claim(referral(2))).toEqual({ kind: "empty" });
  expect(await worker.bulk.enlist(id, 100, [{ rowNumber: 2, referralId: referral(2) }])).toBe(3);
  const lease = await claim(worker, referral(2));
  const pending = await pendingIn(lease);
  expect(
    pending.map(({ rowNumber, externalReferenceId, referralId }) => ({
      rowNumber,
      externalReferenceId,
      referralId,
    })),
  ).toEqual([
    { rowNumber: 2, externalReferenceId: "crm-7", referralId: referral(2) },
    { rowNumber: 3, externalReferenceId: undefined, referralId: referral(2) },
  ]);
  await finish(lease);
  await drain(worker, 1);
  const error = { code: "REFERRAL_NOT_FOUND", message: "no referral has it" } as const;
  expect(await worker.bulk.enlist(id, 100, [{ rowNumber: 4, error }])).toBe(4);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED_WITH_ERRORS", applied: 3, failed: 1 });
  expect((await queue.bulk.rows(id, { first: 5, state: "FAILED" })).rows).toMatchObject([
    { error },
  ]);
  expect(await counts(queue)).toEqual({ APPLIED: 3, FAILED: 1 });
});

test("a write counts as one upstream call of every bulk update it is for", async () => {
  const { queue, worker } = await account();
  const first = await submit(queue, [row(1, "a"), row(1, "b")]);
  const second = await submit(queue, [row(1, "c")]);
  const lease = await claim(worker, referral(1));
  const ids = (await pendingIn(lease)).map(({ id }) => id);
  expect(await begin(lease, ...ids)).toBe("begun");
  expect(await look(queue, first)).toEqual({ state: "RUNNING", sending: 2 });
  await finish(lease);
  await worker.bulk.noteCalls([first], 3);
  expect((await queue.bulk.get(first))?.upstreamCalls).toBe(4);
  expect((await queue.bulk.get(second))?.upstreamCalls).toBe(1);
});

function rowId(bulkUpdateId: string): string {
  return bulkUpdateId.replace("blk_", "upd_");
}
