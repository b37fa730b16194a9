import { describe, expect, onTestFinished, test } from "vitest";
import { UPDATE, type UpdateData } from "./support/documents.ts";
import { newReferral } from "./support/referrals.ts";
import { type Stack, startStack } from "./support/stack.ts";

/** Nothing listens on port 1. */
const NOWHERE = "http://127.0.0.1:1/v1.0";

const READ = "query ($id: ID!) { referral(id: $id) { name } }";

/** Starts a gateway whose upstream is away in the given way. */
async function startWithout(how: string): Promise<{ stack: Stack; referralId: string }> {
  const stack = await startStack(how === "refuses connections" ? { upstreamUrl: NOWHERE } : {});
  const referralId = newReferral(stack.simulator);
  if (how === "answers 503") {
    stack.simulator.control.addFaults({ fault: { kind: "status", status: 503 } });
  }
  if (how === "never answers") {
    stack.simulator.control.addFaults({ fault: "hang" });
  }
  onTestFinished(() => stack.close());
  return { stack, referralId };
}

describe.each(["refuses connections", "answers 503", "never answers"])("the upstream %s", (how) => {
  test("an update that needs the state is accepted; a dry run of it has no answer", async () => {
    const { stack, referralId } = await startWithout(how);
    const input = { referralId, changes: { status: "Active" }, waitMs: 0 };
    const dry = await stack.ask<UpdateData>(UPDATE, { input: { ...input, dryRun: true } });
    expect(dry).toMatchObject({
      data: {
        updateReferral: {
          __typename: "ServiceUnavailableError",
          message: expect.stringContaining("state cannot be read"),
          retryAfterMs: expect.any(Number),
        },
      },
    });
    expect(await stack.ask("{ queue { waiting } }")).toEqual({ data: { queue: { waiting: 0 } } });
    expect(await stack.ask(UPDATE, { input })).toMatchObject({
      data: {
        updateReferral: { __typename: "UpdateReferralPayload", update: { state: "QUEUED" } },
      },
    });
  });
});

describe.each(["refuses connections", "answers 503"])("the upstream %s", (how) => {
  const unavailable = {
    message: expect.stringContaining("Partner Center"),
    extensions: { code: "SERVICE_UNAVAILABLE", retryAfterMs: expect.any(Number) },
  };

  test("a read is SERVICE_UNAVAILABLE beside the rest of the answer", async () => {
    const { stack, referralId } = await startWithout(how);
    const query = "query ($id: ID!) { referral(id: $id) { name } queue { waiting } }";
    const { data, errors } = await stack.ask(query, { id: referralId });
    expect(data).toMatchObject({ referral: null, queue: { waiting: expect.any(Number) } });
    expect(errors).toMatchObject([{ ...unavailable, path: ["referral"] }]);
  });

  test("an update is answered though its referral cannot be read", async () => {
    const { stack, referralId } = await startWithout(how);
    const mutation = `mutation ($input: UpdateReferralInput!) { updateReferral(input: $input) {
      ... on UpdateReferralPayload { update { state } referral { name } }
    } }`;
    const input = { referralId, changes: { name: "x" }, waitMs: 0 };
    const { data, errors } = await stack.ask(mutation, { input });
    expect(data).toEqual({ updateReferral: { update: { state: "QUEUED" }, referral: null } });
    expect(errors).toMatchObject([unavailable]);
  });
});

test("the upstream's Retry-After reaches the caller", async () => {
  const stack = await startStack();
  onTestFinished(() => stack.close());
  const id = newReferral(stack.simulator);
  stack.simulator.control.addFaults({
    match: { referralId: id },
    fault: { kind: "status", status: 503, retryAfter: 7 },
  });
  const { errors } = await stack.ask(READ, { id });
  expect(errors).toMatchObject([{ extensions: { retryAfterMs: 7_000, upstreamStatus: 503 } }]);
});

test("a caller who waits is let go when the upstream is known to be away", async () => {
  const stack = await startStack({ upstreamUrl: NOWHERE });
  onTestFinished(() => stack.close());
  await stack.queue.account.paused("sign-in was refused");
  const input = {
    referralId: newReferral(stack.simulator),
    changes: { name: "x" },
    waitMs: 30_000,
  };
  let isWaitOver = false;
  const wait = setTimeout(() => {
    isWaitOver = true;
  }, input.waitMs - 1_000);
  const { data } = await stack.ask<UpdateData>(UPDATE, { input });
  clearTimeout(wait);
  expect(data.updateReferral.update.state).toBe("QUEUED");
  expect(isWaitOver).toBe(false);
});
