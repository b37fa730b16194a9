import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { UPDATE, type UpdateData, type UpdateResult } from "./support/documents.ts";
import { newReferral } from "./support/referrals.ts";
import { type Stack, startStack } from "./support/stack.ts";

let stack: Stack;
let referralId: string;
let acceptedBefore: number;

beforeAll(async () => {
  stack = await startStack();
  stack.startWorker();
  referralId = newReferral(stack.simulator);
  // Proves that what is accepted here is written, so that finding nothing written means something.
  const input = { referralId, changes: { name: "Accepted" }, waitMs: 30_000 };
  const { data } = await stack.ask<UpdateData>(UPDATE, { input });
  expect(data.updateReferral.update.state).toBe("APPLIED");
  acceptedBefore = await everAccepted();
  stack.simulator.control.clearRequests();
});
afterEach(async () => {
  expect(await everAccepted()).toBe(acceptedBefore);
  expect(stack.simulator.control.requests().filter(({ method }) => method === "PATCH")).toEqual([]);
});
afterAll(() => stack.close());

async function everAccepted(): Promise<number> {
  const counts = Object.values(await stack.queue.ledger.counts());
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Input for the referral, which the case may override. */
function send(input: Record<string, unknown>) {
  return stack.ask<UpdateData | null | undefined>(UPDATE, { input: { referralId, ...input } });
}

/** The typed answer; every error is a failure of the test. */
async function refusal(input: Record<string, unknown>): Promise<UpdateResult> {
  const { data, errors } = await send(input);
  expect(errors).toBeUndefined();
  if (!data) {
    throw new Error("no data");
  }
  expect(data.updateReferral.message).not.toBe("");
  return data.updateReferral;
}

describe("what the schema rules out is refused before anything runs, with the field's path and the rule", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["unknown field", { changes: { nmae: "x" } }, /input\.changes".*unknown field "nmae".*"name"/],
    ["unknown nested", { changes: { details: { x: 1 } } }, /input\.changes\.details".*field "x"/],
    ["remove", { patch: [{ op: "remove", path: "/name" }] }, /patch\[0\]\.op".*"PatchOp" enum/],
    ["no path", { patch: [{ op: "add", value: 1 }] }, /patch\[0\]".*required field "path"/],
    ["text for a flag", { changes: { consent: { consentToContact: "y" } } }, /Contact".*boolean/],
    ["number for a text", { changes: { name: 7 } }, /changes\.name".*non string/],
    ["unknown status", { changes: { status: "Won" } }, /changes\.status".*"ReferralStatus" enum/],
    ["no referral", { referralId: null, changes: { name: "x" } }, /input\.referralId".*not.* null/],
    ["half a millisecond", { changes: { name: "x" }, waitMs: 0.5 }, /input\.waitMs".*non-integer/],
    ["a day", { changes: { details: { closingDateTime: "soon" } } }, /DateTime".*RFC 3339/],
    ["__proto__", JSON.parse('{"changes":{"name":"x","__proto__":{"a":1}}}'), /field "__proto__"/],
    ["constructor", { changes: { details: { constructor: 1 } } }, /unknown field "constructor"/],
  ])("%s", async (_name, input, says) => {
    const { data, errors } = await send(input);
    expect(data ?? null).toBeNull();
    expect(errors?.map(({ message }) => message).join("\n")).toMatch(says);
    expect(errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
  });

  test("all of it is said at once", async () => {
    const { errors } = await send({ changes: { name: 7, details: { notes: false } } });
    expect(errors).toHaveLength(2);
  });
});

const add = (path: string, value: unknown) => ({ patch: [{ op: "add", path, value }] });
const tooLong = "x".repeat(70_000);
const deep = JSON.parse(`${"[".repeat(9)}${"]".repeat(9)}`) as unknown;

describe("InvalidInputError names the field, the rule's code and says it in words", () => {
  test.each<[string, Record<string, unknown>, [path: string, code: string, says: RegExp]]>([
    ["the vendor's own id", add("/id", "x"), ["/patch/0/path", "READ_ONLY_PATH", /\/id/]],
    ["the vendor's own ETag", add("/eTag", "x"), ["/patch/0/path", "READ_ONLY_PATH", /eTag/]],
    ["a link", add("/links/self", {}), ["/patch/0/path", "READ_ONLY_PATH", /links/]],
    ["an unknown path", add("/nmae", "x"), ["/patch/0/path", "UNKNOWN_PATH", /./]],
    ["no pointer", add("name", "x"), ["/patch/0/path", "INVALID_PATH", /JSON Pointer/]],
    ["the whole document", add("", {}), ["/patch/0/path", ".*", /./]],
    ["a number for a name", add("/name", 7), ["/patch/0/value", "INVALID_VALUE", /string/]],
    [
      "no value",
      { patch: [{ op: "add", path: "/name" }] },
      ["/patch/0/value", "INVALID_OPERATION", /required/],
    ],
    ["__proto__ in a path", add("/__proto__/x", 1), ["/patch/0/path", "FORBIDDEN_SEGMENT", /name/]],
    ["a prototype", add("/details/constructor", 1), ["/patch/0/path", "FORBIDDEN_SEGMENT", /name/]],
    [
      "__proto__ in a value",
      JSON.parse('{"patch":[{"op":"add","path":"/details","value":{"__proto__":{"a":1}}}]}'),
      ["/patch/0/value/__proto__", "FORBIDDEN_SEGMENT", /name/],
    ],
    ["a value nested too deep", add("/details/x", deep), ["/patch.*", "TOO_DEEP", /levels/]],
    ["a text too long", add("/name", tooLong), ["/patch.*", "TOO_LARGE", /65536 bytes/]],
    [
      "too many operations",
      { patch: Array.from({ length: 101 }, () => ({ op: "add", path: "/name", value: "x" })) },
      ["/patch", "TOO_MANY_OPERATIONS", /100/],
    ],
    ["no operation", { patch: [] }, ["/patch", "INVALID_VALUE", /at least one/]],
    ["no field", { changes: {} }, ["/changes", "INVALID_VALUE", /at least one field/]],
    ["empty groups", { changes: { details: {}, team: { add: [] } } }, ["/changes", ".*", /field/]],
    ["neither", {}, ["", "INVALID_VALUE", /exactly one of changes and patch/]],
    [
      "both",
      { changes: { name: "x" }, ...add("/name", "x") },
      ["", "INVALID_VALUE", /exactly one/],
    ],
    ["null status", { changes: { status: null } }, ["/changes/status", "INVALID_VALUE", /Active/]],
    ["null status as patch", add("/status", null), ["/patch/0/value", "INVALID_VALUE", /Active/]],
    [
      "a status that needs a choice",
      { changes: { status: "Closed" } },
      ["/changes/substatus", "SUBSTATUS_REQUIRED", /Won, Lost, Declined, Expired/],
    ],
    [
      "a currency",
      { changes: { details: { currency: "Euro" } } },
      ["/changes/details/currency", "INVALID_VALUE", /three-letter/],
    ],
    [
      "a date that does not exist",
      { changes: { details: { closingDateTime: "2026-02-30T00:00:00Z" } } },
      ["/changes/details/closingDateTime", "INVALID_VALUE", /RFC 3339/],
    ],
    [
      "an e-mail that is none",
      { changes: { team: { add: [{ email: "jane", firstName: "J" }] } } },
      ["/changes/team/add/0/email", "INVALID_VALUE", /e-mail/],
    ],
    [
      "a person without e-mail",
      { changes: { team: { update: [{ firstName: "J" }] } } },
      ["/changes/team/update/0/email", "INVALID_VALUE", /./],
    ],
    ["a wait of less than nothing", { waitMs: -1 }, ["/waitMs", "INVALID_VALUE", /0 to 30000/]],
    ["a wait too long", { waitMs: 30_001 }, ["/waitMs", "INVALID_VALUE", /0 to 30000/]],
    ["an empty key", { idempotencyKey: "" }, ["/idempotencyKey", "INVALID_VALUE", /1 to 255/]],
    ["a long key", { idempotencyKey: "k".repeat(256) }, ["/idempotencyKey", ".*", /1 to 255/]],
    ["an ETag without quotes", { ifMatch: "25" }, ["/ifMatch", "INVALID_VALUE", /quotes/]],
    ["a header in an ETag", { ifMatch: '"a\r\nb: c"' }, ["/ifMatch", "INVALID_VALUE", /quotes/]],
    ...["../x", "a%2Fb", "a/b", "", "x".repeat(129), "a b", "a\u0000", "ä", "a?b", "..", "a;b"].map(
      (id): [string, Record<string, unknown>, [string, string, RegExp]] => [
        `the referral id ${JSON.stringify(id).slice(0, 12)}`,
        { referralId: id, changes: { name: "x" } },
        ["/referralId", "INVALID_VALUE", /1 to 128 letters/],
      ],
    ),
  ])("%s", async (_name, input, [path, code, says]) => {
    const isAlone = "changes" in input || "patch" in input || Object.keys(input).length === 0;
    const answer = await refusal(isAlone ? input : { changes: { name: "x" }, ...input });
    expect(answer).toMatchObject({
      __typename: "InvalidInputError",
      issues: [
        {
          path: expect.stringMatching(new RegExp(`^${path}$`)),
          code: expect.stringMatching(new RegExp(`^${code}$`)),
          message: expect.stringMatching(says),
        },
      ],
    });
    const [issue] = answer.issues;
    expect(answer.message).toContain(issue?.message);
    expect(answer.message).toContain(issue?.path);
  });

  test("every issue is said, not the first", async () => {
    const { issues } = await refusal({
      referralId: "../x",
      changes: { qualification: "Huge", details: { currency: "Euro" } },
      ifMatch: "25",
      idempotencyKey: "",
      waitMs: -1,
    });
    expect(issues.map(({ path }) => path).sort()).toEqual([
      "/changes/details/currency",
      "/changes/qualification",
      "/idempotencyKey",
      "/ifMatch",
      "/referralId",
      "/waitMs",
    ]);
  });
});

test.each([
  ["changes", { changes: { status: "Active", substatus: "Won" } }],
  [
    "patch",
    {
      patch: [
        { op: "replace", path: "/status", value: "Active" },
        { op: "replace", path: "/substatus", value: "Won" },
      ],
    },
  ],
])(
  "a state no referral can be in is refused without asking upstream (%s)",
  async (_name, input) => {
    stack.simulator.control.clearRequests();
    expect(await refusal({ referralId: randomUUID(), ...input })).toMatchObject({
      __typename: "InvalidTransitionError",
      message: expect.stringMatching(/Won.*Active/),
      from: null,
      to: { status: "Active", substatus: "Won" },
      allowed: expect.arrayContaining([{ status: "Active", substatus: "Accepted" }]),
    });
    expect(stack.simulator.control.requests()).toEqual([]);
  },
);

test("a forbidden transition is refused by the referral's state", async () => {
  const closed = newReferral(stack.simulator, { status: "Closed", substatus: "Lost" });
  expect(await refusal({ referralId: closed, changes: { status: "Active" } })).toMatchObject({
    __typename: "InvalidTransitionError",
    from: { status: "Closed", substatus: "Lost" },
  });
});

test("prototypes are left alone", async () => {
  await send(JSON.parse('{"patch":[{"op":"add","path":"/__proto__/polluted","value":1}]}'));
  expect("polluted" in {}).toBe(false);
});
