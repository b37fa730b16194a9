import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE, type UpdateData } from "./support/documents.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import { type Stack, startStack } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  stack.startWorker();
});
afterAll(() => stack.close());

/** Sends a deal value as changes or as raw patch; `literal` stands in the query's text, `variable` beside it. */
function sendMoney(
  kind: "changes" | "patch",
  referralId: string,
  value: { literal: string } | { variable: unknown },
) {
  const type = kind === "changes" ? "Decimal" : "JSON";
  const money = "literal" in value ? value.literal : "$money";
  const intent =
    kind === "changes"
      ? `changes: { details: { dealValue: ${money} } }`
      : `patch: [{ op: replace, path: "/details/dealValue", value: ${money} }]`;
  const declared = "literal" in value ? "" : `($money: ${type})`;
  const variables = "literal" in value ? {} : { money: value.variable };
  return stack.ask<UpdateData>(
    `mutation ${declared} { updateReferral(input: { referralId: "${referralId}", waitMs: 30000, ${intent} }) {
      __typename
      ... on UpdateReferralPayload { update { state } }
      ... on InvalidInputError { issues { path message } }
    } }`,
    variables,
  );
}

async function readMoney(referralId: string): Promise<unknown> {
  const query = "query ($id: ID!) { referral(id: $id) { details { dealValue } } }";
  const { data } = await stack.ask<{ referral: { details: { dealValue: unknown } } }>(query, {
    id: referralId,
  });
  return data.referral.details.dealValue;
}

/** Literals need no JSON.parse, so any number of digits can be kept. */
const kept: [string, { literal: string } | { variable: unknown }, string][] = [
  ["a number", { variable: 10000 }, "10000"],
  ["a number with cents", { variable: 1234567.89 }, "1234567.89"],
  ["a numeric string", { variable: "10000.55" }, "10000.55"],
  [
    "a string of 29 digits",
    { variable: "12345678901234567890.123456789" },
    "12345678901234567890.123456789",
  ],
  ["a literal", { literal: "1.25" }, "1.25"],
  ["a literal string", { literal: '"10000.15"' }, "10000.15"],
  ["a literal of 17 digits", { literal: "12345678901234567" }, "12345678901234567"],
  [
    "a literal that rounds to a short one",
    { literal: "99999999999999999999" },
    "99999999999999999999",
  ],
  [
    "a literal whose cents a double loses",
    { literal: "1000000000000000.01" },
    "1000000000000000.01",
  ],
  ["a literal with a long fraction", { literal: "0.1000000000000000055" }, "0.1000000000000000055"],
];

describe.each(["changes", "patch"] as const)("money by %s", (kind) => {
  test.each(kept)(
    "%s arrives upstream and comes back digit for digit",
    async (_name, value, text) => {
      const referralId = newReferral(stack.simulator);
      const { data, errors } = await sendMoney(kind, referralId, value);
      expect(errors).toBeUndefined();
      expect(data.updateReferral.update.state).toBe("APPLIED");
      const [operations] = patchesOf(stack.simulator, referralId) as [{ value: unknown }[]];
      expect(String(operations[0]?.value)).toBe(text);
      expect(await readMoney(referralId)).toBe(text);
    },
  );

  test.each([1234567890123456.8, 1e20, 1234567890.1234567, 1e15, -1e16])(
    "the number %d, which JSON may have rounded, is refused and says what to do",
    async (variable) => {
      const referralId = newReferral(stack.simulator);
      const answer = await sendMoney(kind, referralId, { variable });
      expect(JSON.stringify(answer)).toContain("send it as a string");
      expect(answer.data?.updateReferral.__typename ?? "InvalidInputError").toBe(
        "InvalidInputError",
      );
      expect((await stack.queue.ledger.listOfReferral(referralId, 1)).totalCount).toBe(0);
    },
  );

  test.each(["NaN", "Infinity", "abc", "1,5", "", " 1", "0x10", "1e500", true, [1]])(
    "%j is no amount",
    async (variable) => {
      const referralId = newReferral(stack.simulator);
      const answer = await sendMoney(kind, referralId, { variable });
      expect(JSON.stringify(answer)).toMatch(/Expected a (decimal|number)/);
      expect((await stack.queue.ledger.listOfReferral(referralId, 1)).totalCount).toBe(0);
    },
  );
});

test("the field of a bad amount is named", async () => {
  const input = {
    referralId: newReferral(stack.simulator),
    changes: { details: { dealValue: "abc" } },
  };
  const { errors } = await stack.ask(UPDATE, { input });
  expect(errors?.[0]?.message).toMatch(/input\.changes\.details\.dealValue"; Expected a decimal/);
});

test("no amount is an amount: null is sent as null", async () => {
  const referralId = newReferral(stack.simulator);
  await sendMoney("changes", referralId, { variable: null });
  expect(await readMoney(referralId)).toBeNull();
});
