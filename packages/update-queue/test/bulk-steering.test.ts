import { expect, test } from "vitest";
import { badRow, drain, look, referral, row, submit } from "./support/bulk.ts";
import { privateRedis } from "./support/private-redis.ts";
import { accept, begin, claim, counts, finish, notes, pendingIn } from "./support/updates.ts";

const redis = privateRedis();

async function account(retentionMs = 60_000) {
  const account = redis.account();
  return {
    account,
    queue: await account.openUpdateQueue({ retentionMs }),
    worker: account.openLaneQueue({ retentionMs }),
  };
}

test("rows of a paused bulk update are not shown to lanes, and do not stop others", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), row(2)]);
  const update = await accept(queue, notes("now", { referralId: referral(1) }));
  expect(await queue.bulk.pause(id, "ops")).toMatchObject({
    kind: "done",
    bulkUpdate: { state: "PAUSED", pausedReason: "paused by ops" },
  });
  expect(await worker.lanes.claim(referral(2))).toEqual({ kind: "empty" });
  const lease = await claim(worker, referral(1));
  expect((await pendingIn(lease)).map((pending) => pending.id)).toEqual([update]);
  await finish(lease);
  expect(await look(queue, id)).toEqual({ state: "PAUSED", queued: 2 });
  expect(await queue.bulk.pause(id, "ops")).toMatchObject({ kind: "done" });
  expect(await queue.bulk.resume(id)).toMatchObject({ bulkUpdate: { state: "RUNNING" } });
  await drain(worker, 2);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", applied: 2 });
  expect(await queue.bulk.pause(id, "ops")).toMatchObject({ kind: "refused" });
});

test("a row decided on before a pause does not begin its write after it", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1)]);
  const lease = await claim(worker, referral(1));
  const [pending] = await pendingIn(lease);
  await queue.bulk.pause(id, "ops");
  expect(await begin(lease, pending?.id ?? "")).toBe("changed");
  expect(await look(queue, id)).toEqual({ state: "PAUSED", queued: 1 });
  await lease.handBack();
});

test("cancelling takes back what is not being sent; it is over when that is", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), row(2), badRow(), row(3)]);
  const other = await accept(queue, notes("stays", { referralId: referral(2) }));
  const lease = await claim(worker, referral(1));
  const [first] = await pendingIn(lease);
  await begin(lease, first?.id ?? "");
  const cancelled = await queue.bulk.cancel(id);
  expect(cancelled).toMatchObject({ kind: "done", bulkUpdate: { state: "CANCELLED" } });
  expect(await look(queue, id)).toEqual({
    state: "CANCELLED",
    sending: 1,
    cancelled: 2,
    failed: 1,
  });
  expect((await queue.bulk.get(id))?.finishedAt).toBeUndefined();
  await finish(lease);
  expect(await look(queue, id)).toEqual({
    state: "CANCELLED",
    applied: 1,
    cancelled: 2,
    failed: 1,
  });
  expect((await queue.bulk.get(id))?.finishedAt).toBeDefined();
  expect(await worker.bulk.active()).toEqual([]);
  const left = await claim(worker, referral(2));
  expect((await pendingIn(left)).map((update) => update.id)).toEqual([other]);
  await finish(left);
  expect(await counts(queue)).toEqual({ APPLIED: 2, CANCELLED: 2, FAILED: 1 });
});

test("a single row can be cancelled like any update, also before it has its place", async () => {
  const { queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const id = await submit(queue, [
    row(1),
    { kind: "update", externalReferenceId: "crm-1", intent },
    row(2),
  ]);
  const { rows } = await queue.bulk.rows(id, { first: 3 });
  expect(await queue.ledger.cancel(rows[0]?.id ?? "")).toBe("CANCELLED");
  expect(await queue.ledger.cancel(rows[1]?.id ?? "")).toBe("CANCELLED");
  expect(await look(queue, id)).toEqual({ state: "RUNNING", queued: 1, cancelled: 2 });
  expect(await worker.bulk.enlist(id, 10)).toBe(3);
  await drain(worker, 2);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED", applied: 1, cancelled: 2 });
});

test("a retry queues the failed rows that can be sent, in place and in row order, and no others", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1, "a"), row(2), badRow(), row(1, "b")]);
  expect(await queue.bulk.retry(id)).toMatchObject({ kind: "refused" });
  await drain(worker, 0);
  const lease = await claim(worker, referral(1));
  const failed = await pendingIn(lease);
  const error = { code: "ACCESS_DENIED", message: "no" } as const;
  await lease.settle(
    failed.map((update) => ({ id: update.id, state: "FAILED", error, etagBefore: '"1"' })),
    false,
  );
  await lease.look();
  await drain(worker, 2);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED_WITH_ERRORS", applied: 1, failed: 3 });
  expect(await queue.bulk.retry(id)).toMatchObject({
    kind: "done",
    bulkUpdate: { state: "RUNNING", counts: { queued: 2, failed: 1, applied: 1 } },
  });
  expect(await worker.bulk.enlist(id, 100)).toBe(4);
  const again = await claim(worker, referral(1));
  const pending = await pendingIn(again);
  expect(pending.map(({ rowNumber }) => rowNumber)).toEqual([1, 4]);
  expect(pending.map((update) => update.error)).toEqual([undefined, undefined]);
  await finish(again);
  expect(await look(queue, id)).toEqual({ state: "COMPLETED_WITH_ERRORS", applied: 3, failed: 1 });
  expect(await counts(queue)).toEqual({ APPLIED: 3, FAILED: 1 });
  const trail = await queue.audit.list({ first: 10 });
  expect(trail.entries).toHaveLength(6); // two of them twice, each end once
});

test("a bulk update and its rows expire after the retention, and not before they are over", async () => {
  const { account: own, queue, worker } = await account(60_000);
  const id = await submit(queue, [row(1)], { idempotencyKey: "tonight" });
  const keys = async () =>
    [...(await own.dump()).keys()].filter((key) => /:bulk(:|-idempotency)/.test(key));
  const ttls = async () => Promise.all((await keys()).map((key) => redis.admin.pttl(key)));
  expect(await ttls()).toEqual([-1, -1, -1]);
  await drain(worker, 1);
  for (const ttl of await ttls()) {
    expect(ttl).toBeGreaterThan(0);
  }
  expect(await redis.admin.pttl(own.keys.bulk(id))).toBeLessThanOrEqual(60_000);
  await redis.admin.del(own.keys.bulk(id));
  expect(await queue.bulk.list(10)).toEqual({ bulkUpdates: [], hasMore: false, totalCount: 0 });
});

test("lists newest first, after a cursor", async () => {
  const { queue } = await account();
  const ids: string[] = [];
  for (let n = 1; n <= 3; n++) {
    ids.unshift(await submit(queue, [row(n)], { label: `bulk ${n}` }));
  }
  const first = await queue.bulk.list(2);
  expect(first.bulkUpdates.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first).toMatchObject({ hasMore: true, totalCount: 3 });
  const rest = await queue.bulk.list(2, ids[1]);
  expect(rest.bulkUpdates.map(({ label }) => label)).toEqual(["bulk 1"]);
  expect(rest.hasMore).toBe(false);
});

test("rows come page by page in row order, also by state", async () => {
  const { queue, worker } = await account();
  const id = await submit(queue, [row(1), row(2), row(3), badRow(), row(5)]);
  await drain(worker, 2);
  const page = await queue.bulk.rows(id, { first: 2, afterRow: 1 });
  expect(page.rows.map(({ rowNumber }) => rowNumber)).toEqual([2, 3]);
  expect(page).toMatchObject({ hasMore: true, totalCount: 5 });
  const queued = await queue.bulk.rows(id, { first: 1, afterRow: 3, state: "QUEUED" });
  expect(queued.rows.map(({ rowNumber }) => rowNumber)).toEqual([5]);
  expect(queued).toMatchObject({ hasMore: false, totalCount: 2 });
  expect(await queue.bulk.rows("blk_nonsense", { first: 1 })).toMatchObject({ totalCount: 0 });
});

test("active are those with rows to come, oldest first, whatever state they are in", async () => {
  const { queue, worker } = await account();
  const first = await submit(queue, [row(1)]);
  const over = await submit(queue, [row(2)]);
  const paused = await submit(queue, [row(3)]);
  await drain(worker, 2);
  await queue.bulk.pause(paused, "ops");
  const last = await submit(queue, [row(1)]);
  expect(await queue.bulk.get(over)).toMatchObject({ state: "COMPLETED" });
  const active = await queue.bulk.active();
  expect(active.map(({ id, state }) => [id, state])).toEqual([
    [paused, "PAUSED"],
    [last, "RUNNING"],
  ]);
  expect(await queue.bulk.get(first)).toMatchObject({ state: "COMPLETED" });
});
