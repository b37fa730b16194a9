import { expect, test } from "vitest";
import { isVouchedFor, type PassMark } from "../src/index.ts";
import { privateRedis } from "./support/private-redis.ts";

const redis = privateRedis();
const KEY = new Uint8Array(32).fill(7);

const mark = (pass: number, chain = "00000000000a"): PassMark => ({ chain, pass });
const referral = (id: string, version: number, more: Record<string, unknown> = {}): never =>
  ({
    id,
    status: "New",
    eTag: `"${version}"`,
    updatedDateTime: `2026-01-31T12:00:0${version}Z`,
    ...more,
  }) as never;
const known = (id: string, version: number, more: Record<string, unknown> = {}) => ({
  referral: referral(id, version, more),
  etag: `"${version}"`,
  seenAt: 1,
});

test("many are found at once, each with the pass that showed it", async () => {
  const worker = redis.account().openLaneQueue({ ledgerKeys: [KEY] });
  const ids = Array.from({ length: 230 }, (_, n) => `r-${n}`);
  await worker.known.putMany(
    ids.map((id) => referral(id, 1)),
    7,
    mark(1),
  );
  await worker.known.put("alone", known("alone", 1));
  const found = await worker.known.getMany([...ids, "alone", "unheard-of"]);
  expect(found.size).toBe(231);
  expect(found.get("r-229")).toMatchObject({ etag: '"1"', seenAt: 7, mark: mark(1) });
  expect(found.get("alone")?.mark).toBeUndefined();
  const marks = await worker.known.getMarks(["r-0", "alone", "unheard-of"]);
  expect([...marks]).toEqual([
    ["r-0", mark(1)],
    ["alone", undefined],
  ]);
});

test("a page says what each of its items was", async () => {
  const worker = redis.account().openLaneQueue();
  const list = (pass: number, versions: Readonly<Record<string, number>>, chain?: string) =>
    worker.known.putMany(
      Object.entries(versions).map(([id, version]) => referral(id, version)),
      1,
      mark(pass, chain),
    );
  await worker.known.put("read", known("read", 2));
  expect(await list(1, { new: 1, read: 2 })).toEqual(["news", "confirmed"]);
  expect(await list(1, { new: 1, read: 2 })).toEqual(["repeated", "repeated"]);
  expect(await list(2, { new: 2, read: 1 })).toEqual(["news", "overtaken"]);
  expect(await list(3, { new: 2, read: 2 })).toEqual(["charted", "charted"]);
  expect(await list(1, { new: 2, read: 2 }, "00000000000b")).toEqual(["confirmed", "confirmed"]);
  expect(await worker.known.putMany([{ id: "x", status: "New" }], 1, mark(1))).toEqual(["useless"]);
});

test("a version keeps its mark when it is read again, and loses it with another version", async () => {
  const worker = redis.account().openLaneQueue();
  const markOf = async (id: string) => (await worker.known.getMany([id])).get(id)?.mark;
  await worker.known.putMany([referral("r", 1)], 1, mark(4));
  await worker.known.put("r", known("r", 1));
  expect(await markOf("r")).toEqual(mark(4));
  await worker.known.put("r", known("r", 2));
  expect(await markOf("r")).toBeUndefined();
  await worker.known.forget("r");
  await worker.known.put("r", known("r", 1)); // an answer that came late
  expect(await markOf("r")).toBeUndefined();
});

test.each([
  ["the pass itself", mark(3), { ...mark(3), isComplete: false }, true],
  ["a later one", mark(4), { ...mark(3), isComplete: false }, true],
  ["an earlier one, complete", mark(1), { ...mark(3), isComplete: true }, true],
  ["an earlier one, given up", mark(1), { ...mark(3), isComplete: false }, false],
  ["a later chain", mark(1, "00000000000b"), { ...mark(3), isComplete: false }, true],
  ["an earlier chain", mark(9, "000000000009"), { ...mark(3), isComplete: true }, false],
  ["none", undefined, { ...mark(3), isComplete: true }, false],
  ["anything, without evidence", mark(3), undefined, false],
])("shown by %s, a state is vouched for or not", (_name, shown, evidence, expected) => {
  expect(isVouchedFor(shown, evidence)).toBe(expected);
});

test("states live on while they are used, shown or read, and not longer than the retention", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue({ retentionMs: 60_000 });
  const lifeOf = (id: string) => redis.admin.pttl(account.keys.knownState(id));
  for (const id of ["kept", "listed", "left"]) {
    await worker.known.put(id, known(id, 1));
    expect(await lifeOf(id)).toBeLessThanOrEqual(60_000);
    await redis.admin.pexpire(account.keys.knownState(id), 300);
  }
  await worker.known.keep(["kept", "unheard-of"]);
  await worker.known.putMany([referral("listed", 1)], 1, mark(1));
  expect(await lifeOf("kept")).toBeGreaterThan(30_000);
  expect(await lifeOf("listed")).toBeGreaterThan(30_000);
  await expect
    .poll(async () => [...(await worker.known.getMany(["kept", "listed", "left"])).keys()])
    .toEqual(["kept", "listed"]);
});

test("referrals are found by the external id they had last, in either spelling of theirs", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const named = (externalReferenceId: string | null) => ({ externalReferenceId });
  const guid = "61C65491-2F2C-461A-84B4-3654499BC1D9";
  await worker.known.put(guid, known(guid, 1, named("CRM-1")));
  await worker.known.putMany(
    [
      referral("a", 1, named("CRM-1")),
      referral("b", 1, named("CRM-2")),
      referral("c", 1, named("")),
      referral("d", 1, named(null)),
    ],
    1,
    mark(1),
  );
  expect(await worker.known.withExternalId("CRM-1")).toEqual([guid.toLowerCase(), "a"]);
  expect(await worker.known.withExternalId("CRM-2")).toEqual(["b"]);
  expect(await worker.known.withExternalId("crm-2")).toEqual([]);
  expect(await worker.known.withExternalId("")).toEqual([]);
  const stored = [...(await account.dump()).keys()].join(" ");
  expect(stored, "not to be read in the keys").not.toContain("CRM-");
});

test("what an earlier version stored can be read, and replaced", async () => {
  const account = redis.account();
  const worker = account.openLaneQueue();
  const at = Date.parse("2026-01-31T12:00:01Z");
  const old = JSON.stringify(known("r", 1));
  await redis.admin.set(account.keys.knownState("r"), `${at} ${old}`);
  expect(await worker.known.get("r")).toEqual(known("r", 1));
  expect(await worker.known.putMany([referral("r", 2)], 1, mark(1))).toEqual(["news"]);
  expect(await worker.known.get("r")).toMatchObject({ etag: '"2"' });
});

test("what the survey left is found by the next process, sealed, and ends", async () => {
  const account = redis.account();
  const [one, other] = [1, 2].map(() => account.openLaneQueue({ ledgerKeys: [KEY] }));
  if (one === undefined || other === undefined) {
    throw new Error("no queues");
  }
  const progress = {
    ...mark(2),
    kind: "delta",
    serves: ["blk_a", "blk_b"],
    nextLink: "https://api.example/?$skiptoken=secret",
  } as never;
  const knowledge = { ...mark(2), newest: 5, total: 7 } as never;
  await one.survey.save(progress);
  expect(await other.survey.progress()).toEqual(progress);
  expect(JSON.stringify([...(await account.dump())])).not.toContain("secret");
  await one.survey.complete(progress, knowledge);
  expect(await other.survey.progress()).toBeUndefined();
  expect(await other.survey.knowledge()).toEqual(knowledge);
  expect(await other.survey.evidence("blk_b")).toEqual({ ...mark(2), isComplete: true });
  expect(await other.survey.evidence("blk_c")).toBeUndefined();
  const keyless = account.openLaneQueue();
  expect(await keyless.survey.knowledge()).toBeUndefined();
  for (const key of [account.keys.surveyKnowledge, account.keys.surveyOf("blk_a")]) {
    expect(await redis.admin.pttl(key)).toBeGreaterThan(0);
  }
});
