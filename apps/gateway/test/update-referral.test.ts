import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE, UPDATE_BY_ID, type UpdateData, type UpdateResult } from "./support/documents.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import { type Stack, startStack, untilFinal } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  stack.startWorker();
});
afterAll(() => stack.close());

/** Who waits gets the outcome, however busy the machine is. */
const LONGEST_WAIT_MS = 30_000;

/** What `updateReferral` answered; every error is a failure of the test. */
async function update(input: Record<string, unknown>): Promise<UpdateResult> {
  const { data, errors } = await stack.ask<UpdateData>(UPDATE, {
    input: { waitMs: LONGEST_WAIT_MS, ...input },
  });
  expect(errors).toBeUndefined();
  return data.updateReferral;
}

async function totalUpdates(referralId: string): Promise<number> {
  return (await stack.queue.ledger.listOfReferral(referralId, 1)).totalCount;
}

describe("changes", () => {
  test("are written as one PATCH and answered with what became of them", async () => {
    const referralId = newReferral(stack.simulator);
    const answer = await update({
      referralId,
      changes: { name: "Bigger pilot", details: { dealValue: "10000", notes: "Budget confirmed" } },
    });
    expect(answer).toMatchObject({
      __typename: "UpdateReferralPayload",
      update: {
        id: expect.stringMatching(/^upd_/),
        referralId,
        state: "APPLIED",
        attempts: 1,
        error: null,
        submittedBy: "tester",
        etag: stack.simulator.control.referral(referralId)?.eTag,
        clientRequestId: expect.any(String),
      },
      patch: [
        { op: "replace", path: "/name", value: "Bigger pilot" },
        { op: "replace", path: "/details/dealValue", value: "10000" },
        { op: "replace", path: "/details/notes", value: "Budget confirmed" },
      ],
    });
    expect(Date.parse(answer.update.finishedAt ?? "")).toBeGreaterThanOrEqual(
      Date.parse(answer.update.submittedAt),
    );
    expect(patchesOf(stack.simulator, referralId)).toEqual([answer.patch]);
    expect(stack.simulator.control.referral(referralId)).toMatchObject({
      name: "Bigger pilot",
      details: { dealValue: 10000, notes: "Budget confirmed", currency: "USD" },
    });
  });

  test("leave out what is absent and send null for null", async () => {
    const referralId = newReferral(stack.simulator, { externalReferenceId: "CRM-1" });
    await update({ referralId, changes: { externalReferenceId: null } });
    expect(patchesOf(stack.simulator, referralId)).toEqual([
      [{ op: "replace", path: "/externalReferenceId", value: null }],
    ]);
  });

  test("win a referral, and add a person once", async () => {
    const referralId = newReferral(stack.simulator);
    const won = await update({ referralId, changes: { status: "Closed", substatus: "Won" } });
    expect(won.update.state).toBe("APPLIED");
    const member = { email: "joe@contoso.com", firstName: "Joe", lastName: "Roe" };
    const added = await update({ referralId, changes: { team: { add: [member] } } });
    expect(added.update.state).toBe("APPLIED");
    const again = await update({ referralId, changes: { team: { add: [member] } } });
    expect(again.update).toMatchObject({ state: "UNCHANGED", attempts: 0 });
    expect(stack.simulator.control.referral(referralId)).toMatchObject({
      status: "Closed",
      substatus: "Won",
      team: [{ email: "jane.doe@contoso.com" }, member],
    });
  });

  test("fill in the only substatus there is", async () => {
    const referralId = newReferral(stack.simulator);
    await update({ referralId, changes: { status: "Active" } });
    expect(stack.simulator.control.referral(referralId)).toMatchObject({ substatus: "Accepted" });
  });
});

test("a raw patch is sent as it is", async () => {
  const referralId = newReferral(stack.simulator);
  const patch = [
    { op: "replace", path: "/details/notes", value: "raw" },
    { op: "add", path: "/team/-", value: { email: "raw@contoso.com", firstName: "R" } },
  ];
  const answer = await update({ referralId, patch });
  expect(answer).toMatchObject({ update: { state: "APPLIED" }, patch });
  expect(patchesOf(stack.simulator, referralId)).toEqual([patch]);
});

describe("refusals that need the referral's state", () => {
  test("a forbidden transition names where from, where to and what is allowed", async () => {
    const referralId = newReferral(stack.simulator, { status: "Closed", substatus: "Lost" });
    const answer = await update({ referralId, changes: { status: "Active" } });
    expect(answer).toMatchObject({
      __typename: "InvalidTransitionError",
      from: { status: "Closed", substatus: "Lost" },
      to: { status: "Active", substatus: "Accepted" },
    });
    expect(answer.message).toMatch(/Closed.*Active|Active.*Closed/);
    expect(answer.allowed.map(({ status }) => status)).not.toContain("Active");
    expect(answer.allowed).toContainEqual({ status: "Closed", substatus: "Won" });
    expect(await totalUpdates(referralId)).toBe(0);
  });

  test("by raw patch as well", async () => {
    const referralId = newReferral(stack.simulator, { status: "Closed", substatus: "Lost" });
    const patch = [
      { op: "replace", path: "/status", value: "New" },
      { op: "replace", path: "/substatus", value: "Pending" },
    ];
    expect(await update({ referralId, patch })).toMatchObject({
      __typename: "InvalidTransitionError",
      from: { status: "Closed", substatus: "Lost" },
      to: { status: "New", substatus: "Pending" },
    });
    expect(await totalUpdates(referralId)).toBe(0);
  });

  test("a referral that is not there", async () => {
    const referralId = randomUUID();
    expect(await update({ referralId, changes: { status: "Active" } })).toMatchObject({
      __typename: "ReferralNotFoundError",
      message: expect.stringContaining("no such referral"),
      referralId,
    });
    expect(await totalUpdates(referralId)).toBe(0);
    expect(patchesOf(stack.simulator, referralId)).toEqual([]);
  });

  test("a referral that is not there, noticed when its turn comes, fails the update", async () => {
    const { update: failed } = await update({
      referralId: randomUUID(),
      changes: { name: "Nobody's" },
    });
    expect(failed).toMatchObject({
      state: "FAILED",
      error: { code: "REFERRAL_NOT_FOUND", upstreamStatus: 404 },
    });
  });
});

describe("dryRun", () => {
  test("shows the patch; nothing is queued, nothing is written", async () => {
    const referralId = newReferral(stack.simulator);
    const before = stack.simulator.control.referral(referralId);
    const answer = await update({ referralId, changes: { status: "Active" }, dryRun: true });
    expect(answer).toEqual({
      __typename: "UpdateReferralPayload",
      update: null,
      patch: [
        { op: "replace", path: "/status", value: "Active" },
        { op: "replace", path: "/substatus", value: "Accepted" },
      ],
    });
    expect(await totalUpdates(referralId)).toBe(0);
    expect(stack.simulator.control.referral(referralId)).toEqual(before);
  });

  test("finds what is wrong, by the state as well", async () => {
    const referralId = newReferral(stack.simulator, { status: "Closed", substatus: "Lost" });
    const dryRun = true;
    expect(
      await update({ referralId, changes: { details: { currency: "Euro" } }, dryRun }),
    ).toMatchObject({ __typename: "InvalidInputError" });
    expect(await update({ referralId, changes: { status: "Active" }, dryRun })).toMatchObject({
      __typename: "InvalidTransitionError",
    });
    expect(
      await update({ referralId: randomUUID(), changes: { status: "Active" }, dryRun }),
    ).toMatchObject({ __typename: "ReferralNotFoundError" });
  });
});

test("waitMs 0 answers as soon as the update is durable, and the outcome can be asked for later", async () => {
  const referralId = newReferral(stack.simulator);
  stack.simulator.control.addFaults({
    match: { method: "PATCH", referralId },
    fault: { kind: "latency", ms: 300 },
  });
  const { update: queued } = await update({ referralId, changes: { name: "Later" }, waitMs: 0 });
  expect(queued).toMatchObject({ state: "QUEUED", finishedAt: null });
  await untilFinal(stack, queued.id);
  const { data } = await stack.ask(UPDATE_BY_ID, { id: queued.id });
  expect(data).toMatchObject({ referralUpdate: { id: queued.id, state: "APPLIED" } });
});

test("a wait that ends before the outcome answers the update as it is", async () => {
  const referralId = newReferral(stack.simulator);
  stack.simulator.control.addFaults({
    match: { method: "PATCH", referralId },
    fault: { kind: "latency", ms: 3_000 },
  });
  const { update: waited } = await update({ referralId, changes: { name: "Slow" }, waitMs: 100 });
  expect(waited.finishedAt).toBeNull();
  expect(["QUEUED", "SENDING"]).toContain(waited.state);
  await untilFinal(stack, waited.id);
});

describe("ifMatch", () => {
  test("goes upstream as it is, quotes included", async () => {
    const referralId = newReferral(stack.simulator);
    const ifMatch = stack.simulator.control.referral(referralId)?.eTag;
    const answer = await update({ referralId, changes: { name: "Pinned" }, ifMatch });
    expect(answer.update.state).toBe("APPLIED");
    expect(stack.simulator.control.requests()).toContainEqual(
      expect.objectContaining({ method: "PATCH", referralId, ifMatch }),
    );
  });

  test("fails with CONFLICT when somebody else wrote, and changes nothing", async () => {
    const referralId = newReferral(stack.simulator);
    const ifMatch = '"0000-not-current"';
    const { update: failed } = await update({ referralId, changes: { name: "Mine" }, ifMatch });
    expect(failed).toMatchObject({ state: "FAILED", error: { code: "CONFLICT" } });
    expect(stack.simulator.control.referral(referralId)?.name).toBe("Contoso pilot");
  });
});

describe("idempotencyKey", () => {
  test("the same input again is the same update, written once", async () => {
    const input = {
      referralId: newReferral(stack.simulator),
      changes: { team: { add: [{ email: "once@contoso.com", firstName: "O" }] } },
      idempotencyKey: randomUUID(),
    };
    const answers = await Promise.all([update(input), update(input), update(input)]);
    expect(new Set(answers.map((answer) => answer.update.id)).size).toBe(1);
    expect(await update(input)).toMatchObject({ update: { id: answers[0]?.update.id } });
    expect(patchesOf(stack.simulator, input.referralId)).toHaveLength(1);
    expect(await totalUpdates(input.referralId)).toBe(1);
  });

  test("a repeat is answered with its update also when the referral has moved on since", async () => {
    const referralId = newReferral(stack.simulator);
    const input = { referralId, changes: { status: "Active" }, idempotencyKey: randomUUID() };
    const first = await update(input);
    expect(first.update.state).toBe("APPLIED");
    await update({ referralId, changes: { status: "Closed", substatus: "Lost" } });
    expect(await update(input)).toMatchObject({
      __typename: "UpdateReferralPayload",
      update: { id: first.update.id, state: "APPLIED" },
    });
  });

  test("with another input is an error, and nothing is accepted", async () => {
    const referralId = newReferral(stack.simulator);
    const idempotencyKey = randomUUID();
    await update({ referralId, changes: { name: "One" }, idempotencyKey });
    expect(await update({ referralId, changes: { name: "Two" }, idempotencyKey })).toMatchObject({
      __typename: "IdempotencyMismatchError",
      message: expect.stringContaining("idempotency key"),
      idempotencyKey,
    });
    expect(patchesOf(stack.simulator, referralId)).toHaveLength(1);
  });
});

test("the payload's referral is how the update left it", async () => {
  const referralId = newReferral(stack.simulator);
  const { data } = await stack.ask<UpdateData>(
    `mutation ($input: UpdateReferralInput!) { updateReferral(input: $input) {
      ... on UpdateReferralPayload { referral { name etag } update { etag referral { name } } }
    } }`,
    { input: { referralId, changes: { name: "As written" }, waitMs: LONGEST_WAIT_MS } },
  );
  const { etag } = data.updateReferral.update;
  expect(data.updateReferral).toEqual({
    referral: { name: "As written", etag },
    update: { etag, referral: { name: "As written" } },
  });
});
