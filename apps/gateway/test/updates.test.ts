import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  UPDATE,
  UPDATE_BY_ID,
  UPDATES,
  type UpdateByIdData,
  type UpdateData,
  type UpdatesData,
} from "./support/documents.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import { type Stack, startStack, untilFinal } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

/** Accepts an update without waiting; answers its id. Nothing drains the queue until a test says so. */
async function accept(referralId: string, name: string): Promise<string> {
  const input = { referralId, changes: { name }, waitMs: 0 };
  const { data } = await stack.ask<UpdateData>(UPDATE, { input });
  return data.updateReferral.update.id;
}

async function page(id: string, first?: number, after?: string | null) {
  const { data, errors } = await stack.ask<UpdatesData>(UPDATES, { id, first, after });
  expect(errors).toBeUndefined();
  return data.referral.updates;
}

describe("a referral's updates", () => {
  test("newest first, page by page, each once, also when more come in between", async () => {
    const id = newReferral(stack.simulator);
    const accepted: string[] = [];
    for (const name of ["one", "two", "three", "four", "five"]) {
      accepted.unshift(await accept(id, name));
    }
    await accept(newReferral(stack.simulator), "another referral's");

    const first = await page(id, 2);
    expect(first).toEqual({
      edges: first.nodes.map((node) => ({ cursor: expect.any(String), node: { id: node.id } })),
      nodes: accepted
        .slice(0, 2)
        .map((update) => ({ id: update, state: "QUEUED", referralId: id })),
      pageInfo: {
        hasNextPage: true,
        hasPreviousPage: false,
        startCursor: first.edges[0]?.cursor,
        endCursor: first.edges[1]?.cursor,
      },
      totalCount: 5,
    });
    const newest = await accept(id, "six");
    const second = await page(id, 2, first.pageInfo.endCursor);
    const third = await page(id, 2, second.pageInfo.endCursor);
    const seen = [first, second, third].flatMap(({ nodes }) => nodes.map((node) => node.id));
    expect(seen).toEqual(accepted);
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(third.pageInfo.hasNextPage).toBe(false);
    expect(third.totalCount).toBe(6);
    expect((await page(id, 1)).nodes[0]?.id).toBe(newest);
  });

  test("20 when not asked otherwise, null included, none when asked for none", async () => {
    const id = newReferral(stack.simulator);
    await Promise.all(Array.from({ length: 21 }, (_, index) => accept(id, `name ${index}`)));
    expect((await page(id)).nodes).toHaveLength(20);
    const asked =
      "query ($id: ID!) { referral(id: $id) { updates(first: null) { nodes { id } } } }";
    const { data } = await stack.ask<UpdatesData>(asked, { id });
    expect(data.referral.updates.nodes).toHaveLength(20);
    expect(await page(id, 0)).toMatchObject({ nodes: [], totalCount: 21 });
    expect((await page(newReferral(stack.simulator))).totalCount).toBe(0);
  });

  test.each([-1, 101])("first %d is refused", async (first) => {
    const id = newReferral(stack.simulator);
    const { errors } = await stack.ask(UPDATES, { id, first });
    expect(errors).toMatchObject([
      { message: "first must be 0 to 100", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

const MADE_UP_IDS = ["upd_0", "", "x:y", "{default}", "*", "audit", "metrics", "lanes-waiting"];

test.each(MADE_UP_IDS)("the unknown update %j is null", async (id) => {
  await accept(newReferral(stack.simulator), "so that there is one of every key");
  expect(await stack.ask(UPDATE_BY_ID, { id })).toEqual({ data: { referralUpdate: null } });
});

const CANCEL = `mutation ($id: ID!) { cancelReferralUpdate(id: $id) {
  __typename
  ... on UserError { message }
  ... on CancelReferralUpdatePayload { update { id state finishedAt } }
  ... on InvalidInputError { issues { code path } }
  ... on NotFoundError { id }
} }`;

test("a cancelled update is never written; those behind it are", async () => {
  const id = newReferral(stack.simulator);
  const cancelled = await accept(id, "cancelled");
  const kept = await accept(id, "kept");
  expect(await stack.ask(CANCEL, { id: cancelled })).toMatchObject({
    data: {
      cancelReferralUpdate: {
        __typename: "CancelReferralUpdatePayload",
        update: { id: cancelled, state: "CANCELLED", finishedAt: expect.any(String) },
      },
    },
  });
  stack.startWorker();
  await untilFinal(stack, kept);
  const { data } = await stack.ask<UpdateByIdData>(UPDATE_BY_ID, { id: kept });
  expect(data.referralUpdate?.state).toBe("APPLIED");
  expect(patchesOf(stack.simulator, id)).toEqual([
    [{ op: "replace", path: "/name", value: "kept" }],
  ]);

  for (const final of [cancelled, kept]) {
    const answer = await stack.ask(CANCEL, { id: final });
    const isCancelled = final === cancelled;
    expect(answer).toMatchObject({
      data: {
        cancelReferralUpdate: isCancelled
          ? { __typename: "CancelReferralUpdatePayload" }
          : {
              __typename: "InvalidInputError",
              message: expect.stringContaining("APPLIED"),
              issues: [{ code: "NOT_QUEUED", path: "/id" }],
            },
      },
    });
  }
});

test.each([randomUUID(), ...MADE_UP_IDS])(
  "the unknown update %j cannot be cancelled",
  async (id) => {
    expect(await stack.ask(CANCEL, { id })).toMatchObject({
      data: { cancelReferralUpdate: { __typename: "NotFoundError", id } },
    });
  },
);
