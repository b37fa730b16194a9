import { expect, test } from "vitest";
import { runScript } from "../src/redis-scripts.ts";
import { badRow, drain, look, open, referral, remember, row, submit } from "./support/bulk.ts";
import { privateRedis } from "./support/private-redis.ts";
import { claim, counts, finish } from "./support/updates.ts";

const redis = privateRedis();

async function account() {
  const account = redis.account();
  return {
    account,
    queue: await account.openUpdateQueue({ retentionMs: 60_000 }),
    worker: account.openLaneQueue({ retentionMs: 60_000 }),
  };
}

function rows(many: number) {
  return Array.from({ length: many }, (_, index) => row(index + 1));
}

test("a leader that was paused and enlists while rows are being queued again passes none by", async () => {
  const { account: own, queue, worker } = await account();
  const id = await submit(queue, rows(4));
  for (const number of [1, 2, 3, 4]) {
    await finish(await claim(worker, referral(number)), "FAILED");
  }
  const { root } = own.keys;
  await runScript(redis.admin, "steerBulk", [own.keys.bulk(id)], [root, id, "retry", "", 60_000]);
  await worker.bulk.retryRows(id, 1);
  expect(await worker.bulk.enlist(id, 1_000)).toBe(0);
  while (await worker.bulk.retryRows(id, 1)) {
    // the rest of it
  }
  expect(await worker.bulk.enlist(id, 1_000)).toBe(4);
  await drain(worker, 4);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", applied: 4 });
});

test("rows that are left to their lanes do not keep those behind them from being taken back", async () => {
  const { account: own, queue, worker } = await account();
  const id = await submit(queue, rows(6));
  const inDoubt = [1, 2, 3].map((number) =>
    own.keys.update(`${id.replace("blk_", "upd_")}_${number}`),
  );
  await Promise.all(inDoubt.map((key) => redis.admin.hset(key, "inDoubt", "1")));
  await queue.bulk.pause(id, "ops");
  const { root } = own.keys;
  await runScript(redis.admin, "steerBulk", [own.keys.bulk(id)], [root, id, "cancel", "", 60_000]);
  let steps = 0;
  for (let after = 0; ; ) {
    after = await worker.bulk.cancelRows(id, 2, after);
    if (after === 0 || ++steps > 10) {
      break;
    }
  }
  expect(steps).toBeLessThan(10);
  expect(await look(queue, id)).toEqual({ state: "CANCELLED", queued: 3, cancelled: 3 });
  await drain(worker, 3);
});

test("a row that failed from the start and is past its retention leaves nothing when it is passed", async () => {
  const { account: own, queue, worker } = await account();
  const intake = await open(queue);
  await intake.add([
    badRow(),
    { kind: "update", externalReferenceId: "CRM-1", intent: { changes: { name: "x" } } },
    badRow(),
  ]);
  await intake.commit({ inputDigest: "d", columns: [] });
  const id = intake.bulkUpdateId;
  const key = own.keys.update(`${id.replace("blk_", "upd_")}_3`);
  await redis.admin.del(key);
  await worker.bulk.enlist(id, 10, [
    { rowNumber: 2, error: { code: "REFERRAL_NOT_FOUND", message: "nobody" } },
  ]);
  expect((await queue.bulk.get(id))?.state).toBe("COMPLETED_WITH_ERRORS");
  expect(await redis.admin.exists(key)).toBe(0);
  expect(await counts(queue)).toEqual({ FAILED: 2 });
});

test("rows of a former sender do not outlive an intake that was cancelled", async () => {
  const { account: own, queue } = await account();
  const former = await open(queue, { idempotencyKey: "tonight" });
  await former.add(rows(5));
  const next = await open(queue, { idempotencyKey: "tonight" });
  await next.add(rows(1));
  await queue.bulk.cancel(next.bulkUpdateId);
  expect(await look(queue, next.bulkUpdateId)).toEqual({ state: "CANCELLED", cancelled: 1 });
  const left = [...(await own.dump()).keys()].filter((key) => key.includes(":upd_"));
  expect(left).toHaveLength(1);
  expect((await queue.bulk.get(next.bulkUpdateId))?.finishedAt).toBeDefined();
});

test("a sender that has nothing to send for long says that it is still there", async () => {
  const { account: own, queue, worker } = await account();
  const intake = await open(queue);
  await intake.add(rows(2));
  await redis.admin.zadd(own.keys.bulksIngesting, Date.now() - 600_000, intake.bulkUpdateId);
  await intake.add([]);
  await worker.bulk.discardAbandoned();
  await intake.add([row(3)]);
  await intake.commit({ inputDigest: "d", columns: [] });
  await drain(worker, 3);
  expect(await look(queue, intake.bulkUpdateId)).toEqual({ state: "COMPLETED", applied: 3 });
});

test("a row is not ended on a state that was written over since it was read", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, rows(2));
  await remember(worker, 1, '"a"');
  await remember(worker, 2, '"a"');
  await remember(worker, 1, '"b"', 2027);
  const left = await worker.bulk.settle(
    id,
    [1, 2].map((number) => ({
      rowNumber: number,
      referralId: referral(number),
      state: "UNCHANGED" as const,
      etagBefore: '"a"',
    })),
  );
  expect(left).toEqual([1]);
  await drain(worker, 1);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", unchanged: 1, applied: 1 });
});

test("a commit that reaches Redis after its caller was told that nothing was accepted is none", async () => {
  const { account: own, queue } = await account();
  const intake = await open(queue);
  await intake.add(rows(1));
  const id = intake.bulkUpdateId;
  const keys = [own.keys.bulk(id), own.keys.bulkRows(id)];
  const token = (await redis.admin.hget(own.keys.bulk(id), "token")) ?? "";
  const commit = (deadlineMs: number) =>
    runScript(redis.admin, "commitBulk", keys, [
      ...[own.keys.root, id, token, "d", "[]", 1, 60_000, deadlineMs],
    ]);
  expect(await commit(Date.now() - 60_000)).toBe("expired");
  expect(await look(queue, id)).toEqual({ state: "INGESTING", queued: 1 });
  expect(await commit(Date.now() + 60_000)).toBe("committed");
  expect(await commit(Date.now() - 60_000)).toBe("committed");
  await queue.bulk.cancel(id);
});

test("the end of an intake that was cancelled does not start the end of its key, which is another one's", async () => {
  const { account: own, queue, worker } = await account();
  const cancelled = await open(queue, { idempotencyKey: "tonight" });
  await cancelled.add(rows(1));
  const id = cancelled.bulkUpdateId;
  const { root } = own.keys;
  await runScript(redis.admin, "steerBulk", [own.keys.bulk(id)], [root, id, "cancel", "", 60_000]);
  const next = await submit(queue, [row(1)], { idempotencyKey: "tonight" });
  await worker.bulk.cancelRows(id, 10, 0);
  expect((await queue.bulk.get(id))?.finishedAt).toBeDefined();
  const [key] = [...(await own.dump()).keys()].filter((each) => each.includes("bulk-idempotency"));
  expect(await redis.admin.pttl(key ?? "")).toBe(-1);
  await queue.bulk.cancel(next);
  expect(await redis.admin.pttl(key ?? "")).toBeGreaterThan(0);
});

test("a row of a dry run that is cancelled leaves no trace in the audit trail", async () => {
  const { queue } = await account();
  const id = await submit(queue, rows(1), { isDryRun: true });
  const [first] = (await queue.bulk.rows(id, { first: 1 })).rows;
  await queue.ledger.cancel(first?.id ?? "");
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", cancelled: 1 });
  expect((await queue.audit.list({ first: 1 })).entries).toEqual([]);
});

test("rows in the middle of a long lane are taken back in short steps", async () => {
  const { account: own, queue, worker } = await account();
  const many = Array.from({ length: 1_000 }, () => row(1));
  const first = await submit(queue, many);
  const second = await submit(queue, many);
  const { root } = own.keys;
  await runScript(
    redis.admin,
    "steerBulk",
    [own.keys.bulk(second)],
    [root, second, "cancel", "", 60_000],
  );
  const after = await worker.bulk.cancelRows(second, 300, 0);
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThan(200);
  await queue.bulk.cancel(first);
  for (const id of [first, second]) {
    for (let at = -1; at !== 0; ) {
      at = await worker.bulk.cancelRows(id, 300, Math.max(at, 0));
    }
    expect((await queue.bulk.get(id))?.counts).toMatchObject({ queued: 0, cancelled: 1_000 });
  }
  expect(await redis.admin.exists(own.keys.lane(referral(1)))).toBe(0);
});
