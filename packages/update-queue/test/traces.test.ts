import { expect, test } from "vitest";
import { privateRedis } from "./support/private-redis.ts";
import { accept, claim, finish, notes, pendingIn } from "./support/updates.ts";

const redis = privateRedis();
const TRACE = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
const KEY = new Uint8Array(32).fill(3);
const BULK = { isDryRun: false, skipUnchanged: false, submittedBy: "tests" };

/** What is stored of an update that is accepted, without what is different each time. */
async function stored(trace: string | undefined): Promise<string> {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("x", { idempotencyKey: "k", ...(trace && { trace }) }));
  const dump = [...(await account.dump())].map((entry) => entry.join(" = ")).sort();
  return dump
    .join("\n")
    .replaceAll(id, "ID")
    .replaceAll(account.accountId, "ACCOUNT")
    .replaceAll(/\d{13}/g, "TIME");
}

test("a trace is stored with the payload, and nothing in its place when there is none", async () => {
  const [without, again, withTrace] = [
    await stored(undefined),
    await stored(undefined),
    await stored(TRACE),
  ];
  expect(without).toBe(again);
  expect(without).not.toContain("trace");
  expect(withTrace.replace(`,\\"trace\\":\\"${TRACE}\\"`, "")).toBe(without);
});

test("an update's trace is read with it, and is not part of what makes it a repeat", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ ledgerKeys: [KEY] });
  const first = notes("x", { idempotencyKey: "k", trace: TRACE });
  const id = await accept(queue, first);
  const repeat = await queue.ledger.accept(notes("x", { idempotencyKey: "k" }));
  expect(repeat).toEqual({ ok: true, id, isReplay: true });
  expect([...(await account.dump()).values()].join()).not.toContain(TRACE.slice(3, 35));
  const lease = await claim(account.openLaneQueue({ ledgerKeys: [KEY] }));
  expect(await pendingIn(lease)).toMatchObject([{ id, trace: TRACE }]);
  await finish(lease);
});

test("a bulk update's trace is stored once, for its rows, and not shown with it", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ ledgerKeys: [KEY] });
  const worker = account.openLaneQueue({ ledgerKeys: [KEY] });
  const ids: string[] = [];
  for (const trace of [TRACE, undefined]) {
    const begun = await queue.bulk.begin({ ...BULK, ...(trace && { trace }) });
    if (begun.kind !== "open") throw new Error("not opened");
    const { intake } = begun;
    const { intent } = notes("x");
    await intake.add([
      { kind: "update", referralId: `r-${ids.length}-1`, intent },
      { kind: "update", referralId: `r-${ids.length}-2`, intent },
    ]);
    await intake.commit({ inputDigest: "digest", columns: [] });
    ids.push(intake.bulkUpdateId);
  }
  const [traced = "", untraced = ""] = ids;
  expect(await worker.bulk.traceOf(traced)).toBe(TRACE);
  expect(await worker.bulk.traceOf(untraced)).toBeUndefined();
  expect(await worker.bulk.traceOf("blk_unknown")).toBeUndefined();
  const keyless = account.openLaneQueue();
  expect(await keyless.bulk.traceOf(traced)).toBeUndefined(); // it waits for its key; its trace is no trouble
  expect(await queue.bulk.get(traced)).not.toHaveProperty("trace");
  expect(await worker.bulk.load(traced, [1])).not.toMatchObject([{ trace: expect.anything() }]);
  for (const referralId of ["r-0-1", "r-0-2", "r-1-1", "r-1-2"]) {
    await finish(await claim(worker, referralId));
  }
});
