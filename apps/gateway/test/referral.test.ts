import { randomUUID } from "node:crypto";
import { EXAMPLE_REFERRAL_ID } from "@patchlane/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newReferral } from "./support/referrals.ts";
import { type Stack, startStack } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const EVERYTHING = `query ($id: ID!) { referral(id: $id) {
  id etag engagementId organizationId organizationName name externalReferenceId
  status substatus statusReason qualification type direction
  customerProfile {
    name size address { addressLine1 city state postalCode country }
    team { firstName lastName email phoneNumber } ids { profileType id }
  }
  consent { consentToToShareInfoWithOthers consentToContact }
  details {
    notes dealValue currency closingDateTime
    requirements { industries { id } products { id } services { id } solutions { id name type } }
  }
  team { email firstName lastName phoneNumber contactPreference { locale disableNotifications } }
  inviteContext { notes invitedBy { organizationId organizationName } }
  target { type id }
  createdDateTime updatedDateTime expirationDateTime acceptedDateTime
} }`;

test("every documented field of the vendor's example is readable", async () => {
  const upstream = stack.simulator.control.referral(EXAMPLE_REFERRAL_ID);
  const { data, errors } = await stack.ask<{ referral: object }>(EVERYTHING, {
    id: EXAMPLE_REFERRAL_ID,
  });
  expect(errors).toBeUndefined();
  expect(data.referral).toMatchObject({
    id: EXAMPLE_REFERRAL_ID,
    etag: upstream?.eTag,
    engagementId: upstream?.engagementId,
    name: upstream?.name,
    status: "New",
    substatus: "Pending",
    qualification: "SalesQualified",
    customerProfile: { name: "Contoso Customer Inc", address: { city: "Redmond", country: "US" } },
    details: {
      dealValue: "50000",
      currency: "USD",
      requirements: {
        products: [{ id: "Dynamics365Enterprise" }],
        solutions: [{ name: "Dynamics 365 for Field Service", type: "Category" }],
      },
    },
    createdDateTime: upstream?.createdDateTime,
  });
});

test("what is not there reads as null, lists as empty", async () => {
  const id = newReferral(stack.simulator, {
    details: null,
    customerProfile: {},
    team: null,
    substatus: null,
  });
  const { data, errors } = await stack.ask(EVERYTHING, { id });
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({
    referral: {
      details: null,
      consent: { consentToContact: true },
      customerProfile: { name: null, team: [], ids: [] },
      team: [],
      target: [],
      substatus: "None",
      inviteContext: null,
    },
  });
});

test("what a caller reads is known to the queue: a change of status then costs no read", async () => {
  const id = newReferral(stack.simulator);
  const { data } = await stack.ask<{ referral: { etag: string } }>(
    "query ($id: ID!) { referral(id: $id) { etag } }",
    { id },
  );
  const knownEtag = async (): Promise<unknown> => (await stack.queue.known.get(id))?.etag;
  await expect.poll(knownEtag, { timeout: 10_000 }).toBe(data.referral.etag);
  const callsBefore = stack.simulator.control.requests().length;
  const change = `mutation ($input: UpdateReferralInput!) { updateReferral(input: $input) {
    ... on UpdateReferralPayload { patch { path value } }
  } }`;
  const input = { referralId: id, changes: { status: "Active" }, waitMs: 0 };
  expect(await stack.ask(change, { input })).toMatchObject({
    data: {
      updateReferral: {
        patch: [
          { path: "/status", value: "Active" },
          { path: "/substatus", value: "Accepted" },
        ],
      },
    },
  });
  expect(stack.simulator.control.requests()).toHaveLength(callsBefore);
});

test("raw is the whole document, with properties nobody knew", async () => {
  const id = newReferral(stack.simulator, { inventedLater: { deep: [1, null, "x"] } });
  const { data } = await stack.ask("query ($id: ID!) { referral(id: $id) { raw } }", { id });
  expect(data).toEqual({ referral: { raw: stack.simulator.control.referral(id) } });
  expect(data).toMatchObject({ referral: { raw: { inventedLater: { deep: [1, null, "x"] } } } });
});

test("a read is live: it shows what somebody else wrote just now", async () => {
  const id = newReferral(stack.simulator);
  const query = "query ($id: ID!) { referral(id: $id) { name etag } }";
  await stack.ask(query, { id });
  const changed = stack.simulator.control.putReferral(id, {
    ...stack.simulator.control.referral(id),
    name: "Changed elsewhere",
  });
  const { data } = await stack.ask(query, { id });
  expect(data).toEqual({ referral: { name: "Changed elsewhere", etag: changed.eTag } });
});

describe("allowedTransitions", () => {
  const query =
    "query ($id: ID!) { referral(id: $id) { allowedTransitions { status substatus } } }";
  const closed = ["Won", "Lost", "Declined", "Expired"].map((substatus) => ({
    status: "Closed",
    substatus,
  }));

  test.each([
    [
      "New",
      "Pending",
      [
        { status: "New", substatus: "Received" },
        { status: "Active", substatus: "Accepted" },
        ...closed,
      ],
    ],
    ["Active", "Accepted", closed],
    ["Closed", "Won", closed.filter(({ substatus }) => substatus !== "Won")],
  ])("from %s/%s", async (status, substatus, expected) => {
    const id = newReferral(stack.simulator, { status, substatus });
    const { data } = await stack.ask<{ referral: { allowedTransitions: object[] } }>(query, { id });
    const { allowedTransitions } = data.referral;
    expect(allowedTransitions).toEqual(expect.arrayContaining(expected));
    expect(allowedTransitions.filter((to) => !isState(to, status, substatus))).toHaveLength(
      expected.length,
    );
  });

  test("can be asked for any state, without a referral", async () => {
    const { data } = await stack.ask(
      "{ allowedTransitions(status: Active, substatus: Accepted) { status substatus } }",
    );
    expect(data).toEqual({ allowedTransitions: expect.arrayContaining(closed) });
  });
});

function isState(state: object, status: string, substatus: string): boolean {
  return JSON.stringify(state) === JSON.stringify({ status, substatus });
}

test("a referral that is not there is null, without an error", async () => {
  const answer = await stack.ask("query ($id: ID!) { referral(id: $id) { id } }", {
    id: randomUUID(),
  });
  expect(answer).toEqual({ data: { referral: null } });
});

test.each(["../x", "a%2Fb", "", "x".repeat(129)])(
  "the malformed id %j is an error naming the argument, and goes nowhere",
  async (id) => {
    stack.simulator.control.clearRequests();
    const { data, errors } = await stack.ask("query ($id: ID!) { referral(id: $id) { id } }", {
      id,
    });
    expect(data).toEqual({ referral: null });
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^id: .*1 to 128 letters/),
        extensions: { code: "BAD_USER_INPUT", issues: [{ path: "/id" }] },
      },
    ]);
    expect(stack.simulator.control.requests()).toEqual([]);
  },
);

test("a denied referral is FORBIDDEN, a failing upstream SERVICE_UNAVAILABLE, without its words", async () => {
  const id = newReferral(stack.simulator);
  const answers: [number, string][] = [
    [403, "FORBIDDEN"],
    [503, "SERVICE_UNAVAILABLE"],
    [500, "SERVICE_UNAVAILABLE"],
    [401, "SERVICE_UNAVAILABLE"],
    [400, "UPSTREAM_REFUSED"],
  ];
  for (const [status, code] of answers) {
    const body = { error: { code: "x", message: "canary jane@contoso.com simulator-token" } };
    const [fault = ""] = stack.simulator.control.addFaults({
      match: { referralId: id },
      fault: { kind: "status", status, body },
    });
    const { data, errors } = await stack.ask("query ($id: ID!) { referral(id: $id) { id } }", {
      id,
    });
    expect(data).toEqual({ referral: null });
    expect(errors?.[0]).toMatchObject({ path: ["referral"], extensions: { code } });
    expect(JSON.stringify(errors)).not.toMatch(/canary|contoso|token/i);
    stack.simulator.control.clearFaults(fault);
  }
});
