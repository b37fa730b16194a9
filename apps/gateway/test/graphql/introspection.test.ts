import { getIntrospectionQuery } from "graphql";
import { expect, test } from "vitest";
import { gatewayRig, send, sendGet } from "../support/gateway-rig.ts";
import { startIssuer } from "../support/issuer.ts";

const rig = gatewayRig();

const READS = [
  getIntrospectionQuery(),
  "{ __schema { queryType { name } } }",
  '{ __type(name: "Referral") { fields { name } } }',
  '{ ...F } fragment F on Query { a: __type(name: "Referral") { name } }',
];

/** A gateway in production, and the header of an administrator. */
async function production(settings: Readonly<Record<string, string>> = {}) {
  const issuer = await startIssuer();
  const origin = await rig.start({
    ...issuer.settings,
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    ...settings,
  });
  const token = await issuer.token({ claims: { roles: ["Referral.Admin"] } });
  return { origin, headers: { authorization: `Bearer ${token}` } };
}

test("in production nobody reads the schema, by POST or GET; __typename stays", async () => {
  const { origin, headers } = await production();
  for (const query of READS) {
    for (const { body } of [
      await send(origin, { query }, headers),
      await sendGet(origin, { query }, headers),
    ]) {
      expect(body.data).toBeUndefined();
      expect(body.errors?.[0]?.message).toContain("introspection has been disabled");
    }
  }
  const answer = await send(origin, { query: "{ __typename queue { __typename } }" }, headers);
  expect(answer.body).toEqual({
    data: { __typename: "Query", queue: { __typename: "QueueStatus" } },
  });
});

/** Near misses of names, in every place an error could suggest the right one. */
const MISSES: readonly (readonly [query: string, variables?: unknown])[] = [
  ["{ queu { waiting } }"],
  ["{ queue { waitin } }"],
  ["{ referral(idd: 1) { id } }"],
  ["{ ... on Querry { queue { waiting } } }"],
  ["query ($a: ReferralStatuss!) { allowedTransitions(status: $a) { status } }"],
  ["{ allowedTransitions(status: Activ) { status } }"],
  ["{ queue @includee(if: true) { waiting } }"],
  ['mutation { updateReferral(input: { referralIdd: "x" }) { __typename } }'],
  [
    "mutation ($i: UpdateReferralInput!) { updateReferral(input: $i) { __typename } }",
    { i: { referralIdd: "x" } },
  ],
  ["query ($s: ReferralStatus!) { allowedTransitions(status: $s) { status } }", { s: "Activ" }],
  ["subscription ($s: ID!) { referralUpdateChange(id: $s) { id } }", { s: "x" }],
];

test("nor does an error suggest a name, neither of the document nor of variables", async () => {
  const { origin, headers } = await production();
  for (const [query, variables] of MISSES) {
    const { text, body } = await send(origin, { query, variables }, headers);
    expect([query, body.errors?.length]).toEqual([query, expect.any(Number)]);
    expect([query, text]).toEqual([query, expect.not.stringMatching(/did you mean/i)]);
  }
});

test("INTROSPECTION=true opens the schema in production, suggestions included; false shuts it in development", async () => {
  const { origin, headers } = await production({ INTROSPECTION: "true" });
  for (const query of READS) {
    expect((await send(origin, { query }, headers)).body.errors).toBeUndefined();
  }
  const suggesting = await Promise.all(
    MISSES.map(([query, variables]) => send(origin, { query, variables }, headers)),
  );
  expect(suggesting.filter(({ text }) => /did you mean/i.test(text)).length).toBeGreaterThan(5);

  const shut = await rig.start({ INTROSPECTION: "false" });
  expect((await send(shut, { query: READS[1] })).body.data).toBeUndefined();
  const open = await rig.start();
  expect((await send(open, { query: READS[1] })).body.errors).toBeUndefined();
});
