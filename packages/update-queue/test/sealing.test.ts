import { expect, test } from "vitest";
import { payloadCodec, SealedPayloadError } from "../src/index.ts";
import { privateRedis } from "./support/private-redis.ts";
import { accept, begin, claim, counts, finish, pendingIn, REFERRAL } from "./support/updates.ts";

const redis = privateRedis();
const OLD_KEY = new Uint8Array(32).fill(1);
const NEW_KEY = new Uint8Array(32).fill(2);
const CANARY = "canary.person@example.invalid";

const member = { firstName: "C", lastName: "P", phoneNumber: "1", email: CANARY };
const patch = [{ op: "add", path: "/team/-", value: member }] as const;
const update = {
  referralId: REFERRAL,
  intent: { patch },
  patch,
  submittedBy: "tests",
  idempotencyKey: "k",
};

test.each([
  ["with a key nothing personal", [NEW_KEY], false],
  ["without a key everything", undefined, true],
])("%s can be read in Redis", async (_name, ledgerKeys, isReadable) => {
  const account = redis.account();
  const queue = await account.openUpdateQueue({ ledgerKeys });
  const worker = account.openLaneQueue({ ledgerKeys });
  const id = await accept(queue, { ...update, submittedBy: CANARY });
  await queue.wake(REFERRAL);
  const lease = await claim(worker);
  await lease.begin({ updateIds: [id], patch, requestId: "r", clientRequestId: "c" });
  const referral = { id: REFERRAL, status: "New", team: [member] } as never;
  await worker.known.put(REFERRAL, { referral, etag: '"v1"', seenAt: 1 });
  await worker.refreshToken.save(`token of ${CANARY}`);
  const whileSending = await account.dump();
  const error = { code: "INVALID_CHANGE", message: `no ${CANARY}` } as const;
  await worker.known.putMany([{ id: "listed", status: "New", eTag: '"v1"', name: CANARY }], 1);
  await lease.settle([{ id, state: "FAILED", error, sent: patch }], true);
  const afterwards = await account.dump();

  const leaks = [...whileSending, ...afterwards].filter((entry) =>
    entry.join(" ").includes(CANARY),
  );
  expect(leaks.length > 0).toBe(isReadable);
  expect(whileSending.size).toBeGreaterThan(8);
  expect(afterwards.has(account.keys.audit)).toBe(true);
  expect(await queue.ledger.get(id)).toMatchObject({ patch, error });
  expect((await queue.audit.list({ first: 1 })).entries).toMatchObject([
    { content: { submittedBy: CANARY, patch, error } },
  ]);
  expect((await worker.known.get(REFERRAL))?.referral).toMatchObject({ team: [member] });
  expect(await worker.refreshToken.load()).toBe(`token of ${CANARY}`);
  await finish(lease);
});

test("what an old key sealed, and what was never sealed, is opened; with that key gone it is not", async () => {
  const account = redis.account();
  const plain = await accept(await account.openUpdateQueue(), { ...update, idempotencyKey: "1" });
  const before = await account.openUpdateQueue({ ledgerKeys: [OLD_KEY] });
  const old = await accept(before, { ...update, idempotencyKey: "2" });
  const rotated = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY, OLD_KEY] });
  const fresh = await accept(rotated, { ...update, idempotencyKey: "3" });
  for (const id of [plain, old, fresh]) {
    expect(await rotated.ledger.get(id)).toMatchObject({ patch });
  }
  const forgetful = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY] });
  expect(await forgetful.ledger.get(fresh)).toMatchObject({ patch });
  const listed = await forgetful.ledger.listOfReferral(REFERRAL, 10);
  expect(listed.updates.map(({ id, state }) => [id, state])).toEqual(
    [fresh, old, plain].map((id) => [id, "QUEUED"]),
  );
  const [, unreadable] = listed.updates;
  expect(unreadable?.unreadable).toBeInstanceOf(SealedPayloadError);
  for (const part of ["intent", "patch", "ifMatch", "submittedBy", "error"] as const) {
    expect(() => unreadable?.[part], part).toThrow(SealedPayloadError);
  }
});

test("with a new key in front, new data is sealed with it and the old one is needed only for old data", async () => {
  const account = redis.account();
  const rotated = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY, OLD_KEY] });
  const id = await accept(rotated, update);
  const onlyNew = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY] });
  const onlyOld = await account.openUpdateQueue({ ledgerKeys: [OLD_KEY] });
  expect(await onlyNew.ledger.get(id)).toMatchObject({ patch, submittedBy: "tests" });
  expect((await onlyOld.ledger.get(id))?.unreadable).toBeInstanceOf(SealedPayloadError);
});

test("an update that cannot be opened here waits, with those behind it, for a worker that can", async () => {
  const account = redis.account();
  const before = await account.openUpdateQueue({ ledgerKeys: [OLD_KEY] });
  const after = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY] });
  const forgetful = account.openLaneQueue({ ledgerKeys: [NEW_KEY] });
  const rotated = account.openLaneQueue({ ledgerKeys: [NEW_KEY, OLD_KEY] });
  const readable = await accept(after, { ...update, idempotencyKey: "1" });
  const sealed = await accept(before, { ...update, idempotencyKey: "2" });
  const behind = await accept(after, { ...update, idempotencyKey: "3" });

  const lease = await claim(forgetful);
  expect((await pendingIn(lease)).map(({ id }) => id)).toEqual([readable]);
  await lease.settle([{ id: readable, state: "APPLIED" }], false);
  await expect(lease.look()).rejects.toThrow(SealedPayloadError);
  await lease.handBack();

  const able = await claim(rotated);
  expect((await pendingIn(able)).map(({ id }) => id)).toEqual([sealed, behind]);
  await begin(able, sealed, behind);
  await redis.admin.del(account.keys.laneOwner(REFERRAL)); // it died while sending
  const successor = await claim(forgetful);
  await expect(successor.look()).rejects.toThrow(SealedPayloadError);
  await successor.handBack();

  const recovering = await claim(rotated);
  expect(await recovering.look()).toMatchObject({
    kind: "interrupted",
    attempt: { updateIds: [sealed, behind] },
    pending: [{ id: sealed }, { id: behind }],
  });
  await finish(recovering);
  expect(await counts(after)).toEqual({ APPLIED: 3 });
});

test("a write that was put on record in the clear is not looked into without all of its updates", async () => {
  const account = redis.account();
  const plain = await account.openUpdateQueue();
  const first = await accept(plain, { ...update, idempotencyKey: "1" });
  const second = await accept(await account.openUpdateQueue({ ledgerKeys: [OLD_KEY] }), update);
  const able = account.openLaneQueue({ ledgerKeys: [OLD_KEY] });
  const lease = await claim(able);
  await begin(lease, first, second);
  await redis.admin.del(account.keys.laneOwner(REFERRAL));
  const record = payloadCodec([OLD_KEY]).open(
    (await redis.admin.get(account.keys.laneAttempt(REFERRAL))) ?? "",
  );
  await redis.admin.set(account.keys.laneAttempt(REFERRAL), record);
  const keyless = await claim(account.openLaneQueue());
  await expect(keyless.look()).rejects.toThrow(SealedPayloadError);
  await keyless.handBack();
  await finish(await claim(able));
});

test("an update that cannot be opened here can be cancelled, and stands in the audit for who can", async () => {
  const account = redis.account();
  const before = await account.openUpdateQueue({ ledgerKeys: [OLD_KEY] });
  const forgetful = await account.openUpdateQueue({ ledgerKeys: [NEW_KEY] });
  const id = await accept(before, update);
  expect(await forgetful.ledger.cancel(id)).toBe("CANCELLED");
  const fresh = await accept(forgetful, { ...update, idempotencyKey: "2" });
  expect(await forgetful.ledger.cancel(fresh)).toBe("CANCELLED");
  expect((await forgetful.audit.list({ first: 5 })).entries).toMatchObject([
    { updateId: fresh, content: { submittedBy: "tests", patch } },
    { updateId: id, state: "CANCELLED", content: undefined },
  ]);
  expect((await before.audit.list({ first: 5, referralId: REFERRAL })).entries).toMatchObject([
    { updateId: fresh, content: undefined },
    { updateId: id, content: { submittedBy: "tests", patch } },
  ]);
});

test("the same text is sealed differently every time", () => {
  const codec = payloadCodec([NEW_KEY]);
  expect(codec.seal("x")).not.toBe(codec.seal("x"));
});

test.each([
  ["altered", (text: string) => text.replace(/.{6}$/, "AAAAAA")],
  ["cut short", (text: string) => text.slice(0, -8)],
  ["cut to a few bytes", (text: string) => text.split(".").slice(0, 2).join(".").concat(".AAAA")],
  ["emptied", (text: string) => text.split(".").slice(0, 2).join(".")],
])("a sealed text that was %s is not opened, and its content not told", (_name, spoil) => {
  const codec = payloadCodec([NEW_KEY]);
  const spoilt = spoil(codec.seal(`secret ${CANARY}`));
  expect(() => codec.open(spoilt)).toThrow(SealedPayloadError);
  expect(() => codec.open(spoilt)).toThrow(/^(?!.*secret)/);
});

test("a key of the wrong size is refused", () => {
  expect(() => payloadCodec([new Uint8Array(16)])).toThrow(TypeError);
});
