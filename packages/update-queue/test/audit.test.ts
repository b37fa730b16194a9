import { expect, test } from "vitest";
import { type AuditEntry, UnknownCursorError, type UpdateQueue } from "../src/index.ts";
import { privateRedis } from "./support/private-redis.ts";
import {
  accept,
  begin,
  claim,
  finish,
  inBatches,
  notes,
  pendingIn,
  REFERRAL,
} from "./support/updates.ts";

const redis = privateRedis();
const DAY_MS = 24 * 60 * 60 * 1000;

async function opened(options: { retentionMs?: number } = {}) {
  const account = redis.account();
  const queue = await account.openUpdateQueue(options);
  return { account, queue, worker: account.openLaneQueue(options) };
}

async function all(queue: Pick<UpdateQueue, "audit">): Promise<readonly AuditEntry[]> {
  return (await queue.audit.list({ first: 1_000 })).entries;
}

test("an entry says who, what, when and what became of it", async () => {
  const { queue, worker } = await opened();
  const id = await accept(queue, notes("asked", { submittedBy: "crm", ifMatch: '"v1"' }));
  const lease = await claim(worker);
  await begin(lease, id);
  await lease.settle([{ id, state: "QUEUED" }], true);
  await begin(lease, id);
  const sent = [{ op: "add", path: "/details/notes", value: "sent" }] as const;
  const error = { code: "CONFLICT", message: "no", upstreamStatus: 412 } as const;
  const ids = { clientRequestId: "c", etagBefore: '"v1"', etag: '"v2"' };
  await lease.settle([{ id, state: "FAILED", error, sent, mergedWith: ["upd_x"], ...ids }], true);
  const update = await queue.ledger.get(id);
  expect(await queue.audit.list({ first: 10 })).toEqual({
    entries: [
      {
        id: expect.stringMatching(/^\d+-\d+$/),
        cursor: expect.any(String),
        updateId: id,
        referralId: REFERRAL,
        state: "FAILED",
        submittedAt: update?.submittedAt,
        finishedAt: update?.finishedAt,
        attempts: 2,
        mergedWith: ["upd_x"],
        requestId: "00000000-0000-4000-8000-000000000001",
        ...ids,
        content: { submittedBy: "crm", patch: sent, ifMatch: '"v1"', error },
      },
    ],
    hasMore: false,
    totalCount: 1,
  });
  await finish(lease);
});

test("every end leaves one entry, what is pending none", async () => {
  const { queue, worker } = await opened();
  const states = ["APPLIED", "UNCHANGED", "FAILED"] as const;
  const ids: string[] = [];
  for (const state of [...states, "CANCELLED", "QUEUED"]) {
    ids.push(await accept(queue, notes(state)));
  }
  const [, , , cancelled = "", pending = ""] = ids;
  await queue.ledger.cancel(cancelled);
  await queue.ledger.cancel(cancelled);
  const lease = await claim(worker);
  const steps = states.map((state, n) => ({ id: ids[n] ?? "", state }));
  await lease.settle(steps, false);
  await lease.settle(steps, false); // its answer was lost
  await lease.settle([{ id: ids[0] ?? "", state: "FAILED" }], false);
  await lease.settle([{ id: pending, state: "QUEUED", troubles: 1 }], false);
  expect((await all(queue)).map(({ updateId, state }) => [updateId, state])).toEqual([
    [ids[2], "FAILED"],
    [ids[1], "UNCHANGED"],
    [ids[0], "APPLIED"],
    [cancelled, "CANCELLED"],
  ]);
  expect((await all(queue)).at(-1)).toMatchObject({
    attempts: 0,
    content: { submittedBy: "tests", patch: notes("CANCELLED").patch },
  });
  await finish(lease);
});

test("what a worker that lost its lane says is not in it", async () => {
  const { account, queue, worker } = await opened();
  const id = await accept(queue, notes("1"));
  const paused = await claim(worker);
  await redis.admin.del(account.keys.laneOwner(REFERRAL));
  const successor = await claim(account.openLaneQueue());
  await expect(paused.settle([{ id, state: "FAILED" }], false)).rejects.toThrow();
  await finish(successor);
  expect(await all(queue)).toMatchObject([{ updateId: id, state: "APPLIED" }]);
});

test("newest first, page by page, each once, also when more come in between", async () => {
  const { queue, worker } = await opened();
  const finished: string[] = [];
  const finishOne = async (referralId: string): Promise<void> => {
    finished.unshift(await accept(queue, notes("x", { referralId })));
    await finish(await claim(worker, referralId));
  };
  for (const referralId of ["a", "b", "a", "b", "a"]) {
    await finishOne(referralId);
  }
  const expected = [...finished];
  const first = await queue.audit.list({ first: 2 });
  await finishOne("b");
  const second = await queue.audit.list({ first: 2, after: first.entries[1]?.cursor });
  const third = await queue.audit.list({ first: 2, after: second.entries[1]?.cursor });
  expect([first.hasMore, second.hasMore, third.hasMore]).toEqual([true, true, false]);
  const seen = [first, second, third].flatMap(({ entries }) => entries);
  expect(seen.map(({ updateId }) => updateId)).toEqual(expected);
  expect(third.totalCount).toBe(6);
  expect(await queue.audit.list({ first: 0 })).toMatchObject({ entries: [], hasMore: true });
});

test("of one referral: only its own, past what is pending, page by page", async () => {
  const { queue, worker } = await opened();
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    ids.unshift(await accept(queue, notes(`${n}`)));
    await accept(queue, notes("other", { referralId: "other" }));
  }
  await finish(await claim(worker, "other"));
  const [newest = "", , , ...oldest] = ids;
  await queue.ledger.cancel(newest);
  const lease = await claim(worker);
  await lease.settle(
    oldest.map((id) => ({ id, state: "APPLIED" as const })),
    false,
  );
  const page = (first: number, after?: string) =>
    queue.audit.list({ first, after, referralId: REFERRAL.toUpperCase() });
  const first = await page(2);
  expect(first.entries.map(({ updateId }) => updateId)).toEqual([newest, oldest[0]]);
  expect(first.hasMore).toBe(true);
  const rest = await page(2, first.entries[1]?.cursor);
  expect(rest.entries.map(({ updateId }) => updateId)).toEqual([oldest[1]]);
  expect(rest.hasMore).toBe(false);
  expect(await queue.audit.list({ first: 5, referralId: "nobody" })).toMatchObject({ entries: [] });
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  await finish(lease);
});

test("a referral with more pending updates than one look takes is read to its end", async () => {
  const { queue, worker } = await opened();
  const oldest = await accept(queue, notes("first"));
  await inBatches(450, (n) => accept(queue, notes(`${n}`)));
  const lease = await claim(worker);
  await lease.settle([{ id: oldest, state: "APPLIED" }], false);
  const { entries } = await queue.audit.list({ first: 5, referralId: REFERRAL });
  expect(entries.map(({ updateId }) => updateId)).toEqual([oldest]);
  await lease.handBack();
});

test.each(["", "x", "upd_0", "1-", "-", "+", "(1-1"])(
  "the unknown cursor %j is refused",
  async (after) => {
    const { queue, worker } = await opened();
    await accept(queue, notes("1"));
    await finish(await claim(worker));
    await expect(queue.audit.list({ first: 5, after })).rejects.toThrow(UnknownCursorError);
    const ofReferral = { first: 5, after, referralId: REFERRAL };
    await expect(queue.audit.list(ofReferral)).rejects.toThrow(UnknownCursorError);
  },
);

test("entries past the retention are not shown, and leave as new ones come", async () => {
  const { account, queue, worker } = await opened({ retentionMs: DAY_MS });
  const { audit } = account.keys;
  const longAgo = Date.now() - 2 * DAY_MS;
  const fields = ["id", "upd_old", "state", "APPLIED", "payload", "x".repeat(400)] as const;
  for (let n = 0; n < 100; n += 1) {
    await redis.admin.xadd(audit, `${longAgo}-${n}`, ...fields);
  }
  expect(await all(queue)).toEqual([]);
  const id = await accept(queue, notes("1"));
  await finish(await claim(worker));
  expect((await all(queue)).map(({ updateId }) => updateId)).toEqual([id]);
  expect(await redis.admin.xlen(audit)).toBeLessThan(50); // whole nodes of the stream at a time
  await worker.audit.trim();
  expect(await redis.admin.xlen(audit)).toBe(1);
  expect(await redis.admin.pttl(audit)).toBeGreaterThan(DAY_MS / 2);
  expect(await all(queue)).toHaveLength(1);
});

test("an entry whose record is damaged is shown without its content", async () => {
  const { account, queue, worker } = await opened();
  const id = await accept(queue, notes("1"));
  await redis.admin.hdel(account.keys.update(id), "payload");
  const lease = await claim(worker);
  expect(await lease.look()).toEqual({ kind: "empty" }); // fails it
  expect(await all(queue)).toMatchObject([{ updateId: id, state: "FAILED", content: undefined }]);
});
