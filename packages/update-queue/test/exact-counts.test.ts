import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { decodeAccountCounts } from "../src/account-counts.ts";
import type { AccountKeys } from "../src/account-keys.ts";
import { type NewBulkRow, rowUpdateId } from "../src/index.ts";
import { runScript } from "../src/redis-scripts.ts";
import { startAnswerThief } from "./support/answer-thief.ts";
import { counted } from "./support/books.ts";
import { badRow, drain, open, referral, row, submit } from "./support/bulk.ts";
import { privateRedis, SOON, untilConnected } from "./support/private-redis.ts";
import { accept, begin, claim, finish, notes, pendingIn } from "./support/updates.ts";

// Beside what is asserted here every test fails whose counts do not add up (see privateRedis).
const redis = privateRedis();

/** Sealed: what is counted must not depend on what only the holder of a key can read. */
async function account() {
  const account = redis.account();
  const options = { ledgerKeys: [randomBytes(32)] };
  return {
    keys: account.keys,
    queue: await account.openUpdateQueue(options),
    worker: account.openLaneQueue(options),
    another: () => account.openUpdateQueue(options),
  };
}

/** Everything that was counted and is not zero: `name label label` -> how often. */
async function all(keys: AccountKeys): Promise<Record<string, number>> {
  const { counters } = decodeAccountCounts(await redis.admin.hgetall(keys.metrics));
  const lines = Object.entries(counters).flatMap(([name, samples]) =>
    samples.map(({ labels, value }) => [
      [name, ...Object.values(labels)].filter(Boolean).join(" "),
      value,
    ]),
  );
  return Object.fromEntries(lines.filter(([, value]) => value !== 0));
}

test("single updates count by priority, and at their end by state and failure code", async () => {
  const { keys, queue, worker } = await account();
  const ids = [];
  for (const priority of ["interactive", "interactive", "bulk", "interactive"] as const) {
    ids.push(await accept(queue, notes("x", { priority })));
  }
  await queue.ledger.cancel(ids[3] ?? "");
  await queue.ledger.cancel(ids[3] ?? "");
  const lease = await claim(worker);
  const [applied = "", failed = "", unchanged = ""] = (await pendingIn(lease)).map(({ id }) => id);
  await begin(lease, applied);
  const error = { code: "CONFLICT", message: "somebody else wrote first" } as const;
  const steps = [
    { id: applied, state: "APPLIED" },
    { id: failed, state: "FAILED", error },
    { id: unchanged, state: "QUEUED" },
  ] as const;
  await lease.settle(steps, true);
  await lease.settle(steps, true); // the same command again, after a lost answer
  await lease.settle([{ id: unchanged, state: "UNCHANGED" }], false);
  await finish(lease);
  expect(await all(keys)).toEqual({
    "accepted interactive": 3,
    "accepted bulk": 1,
    "finished APPLIED interactive": 1,
    "finished FAILED CONFLICT interactive": 1,
    "finished UNCHANGED bulk": 1,
    "finished CANCELLED interactive": 1,
  });
});

test("how long updates took is known by priority, of all but cancelled ones", async () => {
  const { keys, queue, worker } = await account();
  const slow = await accept(queue, notes("slow"));
  await accept(queue, notes("quick"));
  await queue.ledger.cancel(await accept(queue, notes("cancelled")));
  const before = Number(await redis.admin.hget(keys.update(slow), "acceptedAt"));
  await redis.admin.hset(keys.update(slow), "acceptedAt", before - 120_000);
  await finish(await claim(worker));
  const { histograms } = decodeAccountCounts(await redis.admin.hgetall(keys.metrics));
  const [interactive, bulk] = histograms.updateSeconds;
  expect(interactive).toMatchObject({ labels: { priority: "interactive" }, count: 2 });
  const upTo = (le: number) => interactive?.buckets.find((bucket) => bucket.le === le)?.count;
  expect([upTo(60), upTo(300), upTo(Number.POSITIVE_INFINITY)]).toEqual([1, 2, 2]);
  expect(interactive?.sum).toBeGreaterThanOrEqual(120);
  expect(bulk).toMatchObject({ labels: { priority: "bulk" }, count: 0, sum: 0 });
});

test("a replay is not accepted again; an accept whose answer was lost is withdrawn", async () => {
  const { keys, another } = await account();
  const thief = await startAnswerThief(redis.server.port);
  redis.onClose(() => thief.close());
  const onlooker = await another();
  const other = redis.account();
  const unlucky = await other.openUpdateQueue({ redisUrl: thief.url });
  await accept(onlooker, notes("x", { idempotencyKey: "k" }));
  await accept(onlooker, notes("x", { idempotencyKey: "k" }));
  expect(await counted(redis.admin, keys, "accepted")).toBe(1);

  await accept(unlucky, notes("kept"));
  thief.steal();
  await expect(unlucky.ledger.accept(notes("lost"))).rejects.toThrow();
  const withdrawn = () => counted(redis.admin, other.keys, "withdrawn");
  await expect.poll(withdrawn, SOON).toBe(1);
  await untilConnected(unlucky);
  expect(await all(other.keys)).toEqual({
    "accepted interactive": 2,
    "withdrawn interactive": 1,
  });
});

test("rows count when their bulk update is committed, those that were bad as they came with their end", async () => {
  const { keys, queue, worker } = await account();
  const stopped: NewBulkRow = {
    kind: "bad",
    error: { code: "INVALID_TRANSITION", message: "no" },
    input: { line: "{" },
  };
  const intake = await open(queue);
  await intake.add([row(1), badRow(), stopped]);
  await intake.add([row(2), badRow()]);
  expect(await all(keys)).toEqual({});
  await intake.commit({ inputDigest: "digest", columns: [] });
  const committed = {
    "bulkAccepted no": 1,
    "accepted bulk": 5,
    "finished FAILED INVALID_CHANGE bulk": 2,
    "finished FAILED INVALID_TRANSITION bulk": 1,
  };
  expect(await all(keys)).toEqual(committed);
  await drain(worker, 2);
  expect(await all(keys)).toEqual({
    ...committed,
    "finished APPLIED bulk": 2,
    "bulkFinished COMPLETED_WITH_ERRORS no": 1,
  });
});

test("rows their leader ends count by code, those without a referral too", async () => {
  const { keys, queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const id = await submit(queue, [
    row(1),
    row(2),
    { kind: "update", externalReferenceId: "crm-1", intent },
  ]);
  const gone = { code: "REFERRAL_NOT_FOUND", message: "no such referral" } as const;
  await worker.bulk.enlist(id, 10, [{ rowNumber: 3, error: gone }]);
  const verdicts = [
    { rowNumber: 1, referralId: referral(1), state: "UNCHANGED" },
    {
      rowNumber: 2,
      referralId: referral(2),
      state: "FAILED",
      error: { code: "INVALID_TRANSITION", message: "no" },
    },
  ] as const;
  await worker.bulk.settle(id, verdicts);
  await worker.bulk.settle(id, verdicts);
  expect(await all(keys)).toEqual({
    "bulkAccepted no": 1,
    "accepted bulk": 3,
    "finished UNCHANGED bulk": 1,
    "finished FAILED INVALID_TRANSITION bulk": 1,
    "finished FAILED REFERRAL_NOT_FOUND bulk": 1,
    "bulkFinished COMPLETED_WITH_ERRORS no": 1,
  });
});

test("rows of a cancelled bulk update count once, with their places and without, and what is being sent with its end", async () => {
  const { keys, queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const id = await submit(queue, [
    row(1),
    row(2),
    row(3),
    badRow(),
    { kind: "update", externalReferenceId: "crm-1", intent },
    row(4),
    badRow(),
  ]);
  const { rows } = await queue.bulk.rows(id, { first: 10 });
  expect(await queue.ledger.cancel(rows[2]?.id ?? "")).toBe("CANCELLED"); // has its place
  expect(await queue.ledger.cancel(rows[5]?.id ?? "")).toBe("CANCELLED"); // has none yet
  const lease = await claim(worker, referral(1));
  await begin(lease, rows[0]?.id ?? "");
  await queue.bulk.cancel(id);
  await worker.bulk.cancelRows(id, 100, 0);
  await finish(lease);
  expect(await all(keys)).toEqual({
    "bulkAccepted no": 1,
    "accepted bulk": 7,
    "finished FAILED INVALID_CHANGE bulk": 2,
    "finished CANCELLED bulk": 4,
    "finished APPLIED bulk": 1,
    "bulkFinished CANCELLED no": 1,
  });
});

test("a retried row is over once more, and took as long as since the retry", async () => {
  const { keys, queue, worker } = await account();
  const id = await submit(queue, [row(1), badRow()]);
  const lease = await claim(worker, referral(1));
  const [failed] = await pendingIn(lease);
  const error = { code: "ACCESS_DENIED", message: "no" } as const;
  await lease.settle([{ id: failed?.id ?? "", state: "FAILED", error }], false);
  await finish(lease);
  await redis.admin.hincrby(keys.update(failed?.id ?? ""), "acceptedAt", -7_200_000);
  await queue.bulk.retry(id);
  await worker.bulk.enlist(id, 10);
  await drain(worker, 1);
  expect(await all(keys)).toEqual({
    "bulkAccepted no": 1,
    "accepted bulk": 2,
    retried: 1,
    "finished FAILED INVALID_CHANGE bulk": 1,
    "finished FAILED ACCESS_DENIED bulk": 1,
    "finished APPLIED bulk": 1,
    "bulkFinished COMPLETED_WITH_ERRORS no": 2,
  });
  const { histograms } = decodeAccountCounts(await redis.admin.hgetall(keys.metrics));
  const bulk = histograms.updateSeconds.find(({ labels }) => labels.priority === "bulk");
  expect(bulk?.sum).toBeLessThan(3_600);
});

test("a dry run's rows are no updates, and an intake that is given up or cancelled was never accepted", async () => {
  const { keys, queue, worker } = await account();
  const dry = await submit(queue, [row(1), row(2), badRow()], { isDryRun: true });
  const { rows } = await queue.bulk.rows(dry, { first: 10 });
  await queue.ledger.cancel(rows[1]?.id ?? "");
  await worker.bulk.settle(dry, [{ rowNumber: 1, referralId: referral(1), state: "APPLIED" }]);
  const givenUp = await open(queue);
  await givenUp.add([row(1), badRow()]);
  await givenUp.discard();
  const cancelled = await open(queue);
  await cancelled.add([row(1), badRow()]);
  await queue.bulk.cancel(cancelled.bulkUpdateId);
  await worker.bulk.cancelRows(cancelled.bulkUpdateId, 100, 0);
  expect(await all(keys)).toEqual({
    "bulkAccepted yes": 1,
    "bulkFinished COMPLETED_WITH_ERRORS yes": 1,
  });
});

test("an update whose record is gone counts as failed when its lane finds out", async () => {
  const { keys, queue, worker } = await account();
  const id = await accept(queue, notes("gone"));
  await accept(queue, notes("stays"));
  await redis.admin.del(keys.update(id));
  await finish(await claim(worker));
  expect(await all(keys)).toEqual({
    "accepted interactive": 2,
    "finished FAILED INTERNAL interactive": 1,
    "finished APPLIED interactive": 1,
  });
});

test("rows of a cancelled bulk update count in whatever steps they are taken back, also those whose records are gone", async () => {
  const { keys, queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const unresolved: NewBulkRow = { kind: "update", externalReferenceId: "crm-1", intent };
  const id = await submit(queue, [row(1), unresolved, row(2), row(3)]);
  await redis.admin.del(keys.update(rowUpdateId(id, 3)));
  const steer = [keys.root, id, "cancel", "", 60_000];
  await runScript(redis.admin, "steerBulk", [keys.bulk(id)], steer);
  let after = 0;
  do {
    after = await worker.bulk.cancelRows(id, 1, after);
  } while (after > 0);
  expect(await all(keys)).toEqual({
    "bulkAccepted no": 1,
    "accepted bulk": 4,
    "finished CANCELLED bulk": 4,
    "bulkFinished CANCELLED no": 1,
  });
});

test("a row whose record is gone counts as failed when it would get its place", async () => {
  const { keys, queue, worker } = await account();
  const intent = { changes: { name: "x" } };
  const unresolved: NewBulkRow = { kind: "update", externalReferenceId: "crm-1", intent };
  const id = await submit(queue, [unresolved, row(2)]);
  await redis.admin.del(keys.update(rowUpdateId(id, 2)));
  await worker.bulk.enlist(id, 10, [{ rowNumber: 1, referralId: referral(1) }]);
  await drain(worker, 1);
  expect(await all(keys)).toEqual({
    "bulkAccepted no": 1,
    "accepted bulk": 2,
    "finished FAILED INTERNAL bulk": 1,
    "finished APPLIED bulk": 1,
    "bulkFinished COMPLETED_WITH_ERRORS no": 1,
  });
});
