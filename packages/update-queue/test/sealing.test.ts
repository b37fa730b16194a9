import { expect, test } from "vitest";
import { payloadCodec, SealedPayloadError } from "../src/index.ts";
import { privateRedis } from "./support/private-redis.ts";
import { accept, claim, finish, REFERRAL } from "./support/updates.ts";

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
  const id = await accept(queue, update);
  await queue.wake(REFERRAL);
  const lease = await claim(worker);
  await lease.begin({ updateIds: [id], patch, requestId: "r", clientRequestId: "c" });
  const referral = { id: REFERRAL, status: "New", team: [member] } as never;
  await worker.known.put(REFERRAL, { referral, etag: '"v1"', seenAt: 1 });
  await worker.refreshToken.save(`token of ${CANARY}`);
  const whileSending = await account.dump();
  const error = { code: "INVALID_CHANGE", message: `no ${CANARY}` } as const;
  await lease.settle([{ id, state: "FAILED", error, sent: patch }], true);
  const afterwards = await account.dump();

  const leaks = [...whileSending, ...afterwards].filter((entry) =>
    entry.join(" ").includes(CANARY),
  );
  expect(leaks.length > 0).toBe(isReadable);
  expect(whileSending.size).toBeGreaterThan(8);
  expect(await queue.ledger.get(id)).toMatchObject({ patch, error });
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
  await expect(forgetful.ledger.get(old)).rejects.toThrow(SealedPayloadError);
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
