import { createPartnerCenterClient } from "@patchlane/partner-center";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGraphqlServer } from "../src/graphql-server.ts";
import { UPDATE } from "./support/documents.ts";
import { newReferral } from "./support/referrals.ts";
import { type Answer, askThrough, type Stack, startStack, TESTER } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const READ = "query ($id: ID!) { referral(id: $id) { id } }";

/** Asks a gateway whose sign-in throws `thrown`. */
async function askWithBrokenSignIn(thrown: unknown): Promise<Answer<unknown>> {
  const client = createPartnerCenterClient({
    baseUrl: stack.simulator.url,
    timeoutMs: 30_000,
    budget: stack.queue.budget,
    tokens: { getToken: () => Promise.reject(thrown), renew: () => Promise.reject(thrown) },
  });
  const graphql = createGraphqlServer({
    services: { ...stack.services, client },
    hasGraphiql: false,
  });
  const variables = { id: newReferral(stack.simulator) };
  const answer = await askThrough(graphql, TESTER, READ, variables);
  await client.close();
  return answer;
}

test.each([
  ["an error", new Error("canary jane@contoso.com Bearer eyJ0")],
  [
    "an error with a caller's extensions",
    Object.assign(new Error("canary"), { extensions: { code: "canary" } }),
  ],
  ["a text", "canary jane@contoso.com"],
  ["an object", { message: "canary", token: "eyJ0" }],
])(
  "%s nobody expected is an internal error without its message, and logged without it",
  async (_name, thrown) => {
    stack.logged.length = 0;
    const answer = await askWithBrokenSignIn(thrown);
    expect(answer.errors).toMatchObject([
      {
        message: "Internal error",
        path: ["referral"],
        extensions: { code: "INTERNAL_SERVER_ERROR", requestId: "request-1" },
      },
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/canary|contoso|eyJ0|stack/i);
    expect(stack.logged.join()).not.toMatch(/canary|contoso|eyJ0/i);
    expect(stack.logged.map((line) => JSON.parse(line))).toMatchObject([
      { msg: "internal error", requestId: "request-1" },
    ]);
  },
);

test.each<[string, Record<string, unknown>]>([
  [
    "an unknown field beside it",
    { changes: { team: { add: [{ email: "jane@contoso.com", x: 1 }] } } },
  ],
  ["the wrong place", { changes: { consent: { consentToContact: "jane@contoso.com" } } }],
  ["a list's place", { changes: { details: "jane@contoso.com" } }],
  ["an enum's place", { changes: { status: 'jane@contoso.com" at "x"; y' } }],
  ["a number's place", { waitMs: "jane@contoso.com" }],
  ["an amount's place", { changes: { details: { dealValue: "jane@contoso.com" } } }],
  ["a date's place", { changes: { details: { closingDateTime: "jane@contoso.com" } } }],
  ["a currency's place", { changes: { details: { currency: "jane@contoso.com" } } }],
  [
    "a raw patch",
    {
      patch: [
        { op: "add", path: "/team/-", value: { email: "jane@contoso.com", x: [] } },
        { op: "add", path: "/customerProfile/size", value: { a: "jane@contoso.com" } },
      ],
    },
  ],
  ["an id's place", { referralId: "jane@contoso.com", changes: { name: "x" } }],
])("no error repeats an e-mail address given in %s", async (_name, input) => {
  const answer = await stack.ask(UPDATE, { input: { referralId: "r-1", ...input } });
  const text = JSON.stringify(answer);
  expect(text).toMatch(/"errors"|InvalidInputError/);
  expect(text).not.toMatch(/jane|contoso/);
});

test("nor does one about the query's text", async () => {
  for (const query of [
    'mutation { updateReferral(input: { referralId: "r", waitMs: "jane@contoso.com" }) { __typename } }',
    'mutation { updateReferral("jane@contoso.com") { __typename } }',
    'mutation { updateReferral(input: { referralId: "r", changes: { team: { add: [{ email: "jane@contoso.com", x: 1 }] } } }) { __typename } }',
  ]) {
    const { errors } = await stack.ask(query);
    expect(errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(errors)).not.toMatch(/jane|contoso/);
  }
});

test("an unsupported operation is named, with the place it stands in", async () => {
  const input = {
    referralId: newReferral(stack.simulator),
    patch: [{ op: "remove", path: "/team/0" }],
  };
  const { errors } = await stack.ask(UPDATE, { input });
  expect(errors?.[0]?.message).toMatch(
    /input\.patch\[0\]\.op.*"remove" does not exist in "PatchOp"/,
  );
});
