import { expect, test } from "vitest";
import { badRow, drain, look, referral, remember, row, submit } from "./support/bulk.ts";
import { privateRedis, SOON } from "./support/private-redis.ts";
import { accept, claim, counts, finish, notes } from "./support/updates.ts";

const redis = privateRedis();

async function account() {
  const account = redis.account();
  return {
    account,
    queue: await account.openUpdateQueue(),
    worker: account.openLaneQueue(),
  };
}

test("one process leads at a time, until it resigns or gives no sign of life", async () => {
  const { account: own, worker } = await account();
  const other = own.openLaneQueue();
  expect(await worker.bulk.lead()).toBe(true);
  expect(await other.bulk.lead()).toBe(false);
  expect(await worker.bulk.lead()).toBe(true);
  await worker.bulk.resign();
  expect(await other.bulk.lead()).toBe(true);
  await redis.admin.pexpire(own.keys.bulkLeader, 1);
  await expect.poll(() => worker.bulk.lead(), SOON).toBe(true);
});

test("the leader ends a row only when it is the next one in a lane nobody owns", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), row(2), row(3, "a"), row(3, "b"), row(4)]);
  await accept(queue, notes("later", { referralId: referral(2) }));
  for (const number of [1, 2, 3, 4]) {
    await remember(worker, number, '"1"');
  }
  const owned = await claim(worker, referral(4));
  const verdict = (rowNumber: number, referralNumber: number) => ({
    rowNumber,
    referralId: referral(referralNumber),
    state: "UNCHANGED" as const,
    etagBefore: '"1"',
  });
  const left = await worker.bulk.settle(id, [
    verdict(1, 1),
    verdict(2, 2),
    verdict(4, 3),
    verdict(5, 4),
  ]);
  expect(left).toEqual([4, 5]);
  expect(await look(queue, id)).toEqual({ state: "RUNNING", queued: 3, unchanged: 2 });
  expect(await worker.bulk.settle(id, [verdict(1, 1)])).toEqual([]);
  expect(await worker.lanes.claim(referral(1))).toEqual({ kind: "empty" });
  await finish(owned);
  await drain(worker, 3);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", unchanged: 2, applied: 3 });
  expect(await counts(queue)).toEqual({ UNCHANGED: 2, APPLIED: 4 });
});

test("rows of a dry run never get a place; the last verdict ends it, with what it would take", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), badRow(), row(2), row(3)], { isDryRun: true });
  expect(await worker.lanes.claim(referral(1))).toEqual({ kind: "empty" });
  const [active] = await worker.bulk.active();
  expect(active).toMatchObject({ id, isDryRun: true, phase: "enlist", doneTo: 0 });
  await worker.bulk.checkpoint(id, "weigh", 2);
  expect(await worker.bulk.reload(id)).toMatchObject({ phase: "weigh", doneTo: 2 });
  expect(await worker.bulk.letters(id, 1, 4)).toBe("QFQQ");
  await worker.bulk.setPlan(id, { upstreamCalls: 2 });
  const sent = [{ op: "replace", path: "/details/notes", value: "x" }] as const;
  await worker.bulk.settle(id, [
    { rowNumber: 1, referralId: referral(1), state: "APPLIED", sent },
    { rowNumber: 3, referralId: referral(2), state: "UNCHANGED" },
    {
      rowNumber: 4,
      referralId: referral(3),
      state: "FAILED",
      error: { code: "INVALID_TRANSITION", message: "no" },
    },
  ]);
  expect(await look(queue, id)).toEqual({
    state: "COMPLETED_WITH_ERRORS",
    applied: 1,
    unchanged: 1,
    failed: 2,
  });
  expect(await queue.bulk.get(id)).toMatchObject({ plan: { upstreamCalls: 2 } });
  expect((await queue.bulk.rows(id, { first: 1 })).rows).toMatchObject([
    { patch: sent, attempts: 0 },
  ]);
  expect(await worker.bulk.reload(id)).toBeUndefined();
  expect(await counts(queue)).toEqual({});
  expect((await queue.audit.list({ first: 1 })).entries).toEqual([]);
});

test("a row whose record is gone does not keep its bulk update from ending", async () => {
  const { account: own, queue, worker } = await account();
  const id = await submit(queue, [row(1), row(2)]);
  await redis.admin.del(own.keys.update(`${id.replace("blk_", "upd_")}_1`));
  await drain(worker, 2);
  expect((await queue.bulk.get(id))?.state).toBe("COMPLETED_WITH_ERRORS");
  expect((await queue.bulk.get(id))?.counts).toMatchObject({ applied: 1, failed: 1, queued: 0 });
});

test("every end reaches who listens for the bulk update", async () => {
  const { queue, worker } = await account();
  await expect.poll(() => queue.events.isConnected, SOON).toBe(true);
  const id = await submit(queue, [row(1)]);
  const heard: string[] = [];
  queue.events.listen(id, (state) => heard.push(state));
  await drain(worker, 1);
  await expect.poll(() => heard, SOON).toContain("COMPLETED");
});
