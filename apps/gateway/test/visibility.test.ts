import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createGraphqlServer } from "../src/graphql-server.ts";
import type { Caller } from "../src/sign-in/caller.ts";
import { MOST_LOOKED_AT_IN_A_REQUEST } from "../src/visible-updates.ts";
import { watchUpdate } from "../src/watch/watch-update.ts";
import { UPDATE, type UpdateData } from "./support/documents.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import { askThrough, type Stack, startStack, untilFinal } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const ANN: Caller = { subject: "ann", role: "user" };
const BEN: Caller = { subject: "ben", role: "user" };
const READER: Caller = { subject: "rae", role: "reader" };
const ADMIN: Caller = { subject: "ada", role: "admin" };

async function submit(caller: Caller, referralId: string, more: object = {}): Promise<string> {
  const input = { referralId, changes: { name: `by ${caller.subject}` }, waitMs: 0, ...more };
  const { data } = await stack.askAs(caller)<UpdateData>(UPDATE, { input });
  return data.updateReferral.update.id;
}

const EVERYTHING = `
  query ($id: ID!) {
    referralUpdate(id: $id) {
      id referralId state submittedBy patch { path value } mergedWith bulkUpdate { id } requestId etagBefore
    }
  }
`;

test("an update is there for who submitted it and for administrators", async () => {
  const id = await submit(ANN, newReferral(stack.simulator));
  for (const caller of [ANN, ADMIN]) {
    const seen = await stack.askAs(caller)(EVERYTHING, { id });
    expect(seen.data).toMatchObject({ referralUpdate: { id, submittedBy: "ann" } });
  }
  for (const caller of [BEN, READER, { ...ANN, subject: "Ann" }]) {
    expect(await stack.askAs(caller)(EVERYTHING, { id })).toEqual({
      data: { referralUpdate: null },
    });
  }
});

test("somebody else's update cannot be cancelled, and is as unknown as one that never was", async () => {
  const id = await submit(ANN, newReferral(stack.simulator));
  const cancel = `mutation ($id: ID!) {
    cancelReferralUpdate(id: $id) { __typename ... on NotFoundError { message id } }
  }`;
  const ofAnother = await stack.askAs(BEN)(cancel, { id });
  const never = `upd_${randomUUID().replaceAll("-", "")}`;
  const ofNobody = await stack.askAs(BEN)(cancel, { id: never });
  expect(JSON.stringify(ofAnother).replaceAll(id, never)).toBe(JSON.stringify(ofNobody));
  expect(ofAnother.data).toMatchObject({ cancelReferralUpdate: { __typename: "NotFoundError" } });
  expect((await stack.queue.ledger.get(id))?.state).toBe("QUEUED");
  expect((await stack.askAs(ANN)(cancel, { id })).data).toMatchObject({
    cancelReferralUpdate: { __typename: "CancelReferralUpdatePayload" },
  });
});

test("a row of a bulk update is no longer its sender's to cancel once they are no administrator", async () => {
  const referralId = newReferral(stack.simulator);
  const bulk = `mutation ($items: [BulkItemInput!]) {
    bulkUpdateReferrals(input: { items: $items }) {
      ... on BulkUpdatePayload { bulkUpdate { items { nodes { id } } } }
    }
  }`;
  const items = [{ referralId, changes: { name: "x" } }];
  const { data } = await stack.askAs({ ...ANN, role: "admin" })<{
    bulkUpdateReferrals: { bulkUpdate: { items: { nodes: { id: string }[] } } };
  }>(bulk, { items });
  const id = data.bulkUpdateReferrals.bulkUpdate.items.nodes[0]?.id;
  const cancel = `mutation ($id: ID!) { cancelReferralUpdate(id: $id) { __typename } }`;
  const { errors } = await stack.askAs(ANN)(cancel, { id });
  expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  expect((await stack.askAs(ADMIN)(cancel, { id })).errors).toBeUndefined();
});

test("one referral asked for under many names is read once", async () => {
  const id = newReferral(stack.simulator);
  const names = Array.from(
    { length: 20 },
    (_, index) => `a${index}: referral(id: "${id}") { name }`,
  );
  const { errors } = await stack.ask(`{ ${names.join(" ")} }`);
  expect(errors).toBeUndefined();
  const reads = stack.simulator.control.requests().filter(({ referralId }) => referralId === id);
  expect(reads).toHaveLength(1);
});

test("the same idempotency key of two callers names two updates", async () => {
  const referralId = newReferral(stack.simulator);
  const input = { idempotencyKey: "same", changes: { name: "same" } };
  const [ofAnn, ofBen] = [
    await submit(ANN, referralId, input),
    await submit(BEN, referralId, input),
  ];
  expect(ofBen).not.toBe(ofAnn);
  expect(await submit(ANN, referralId, input)).toBe(ofAnn);
});

const UPDATES = `
  query ($id: ID!, $first: Int, $after: String) {
    referral(id: $id) {
      updates(first: $first, after: $after) {
        nodes { id submittedBy }
        totalCount
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }
`;

interface UpdatesData {
  readonly referral: {
    readonly updates: {
      readonly nodes: readonly { readonly id: string; readonly submittedBy: string }[];
      readonly totalCount: number | null;
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
}

test("a referral's updates, page by page, leave others' out and do not count them", async () => {
  const referralId = newReferral(stack.simulator);
  const own: string[] = [];
  for (let round = 0; round < 5; round++) {
    own.unshift(await submit(ANN, referralId));
    await submit(BEN, referralId);
    await submit(BEN, referralId);
  }
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 3; pages++) {
    const variables: Record<string, unknown> = { id: referralId, first: 2, after };
    const { data } = await stack.askAs(ANN)<UpdatesData>(UPDATES, variables);
    const { nodes, totalCount, pageInfo } = data.referral.updates;
    expect(totalCount).toBeNull();
    expect(pageInfo.hasNextPage).toBe(pages < 2);
    seen.push(...nodes.map(({ id }) => id));
    after = pageInfo.endCursor;
  }
  expect(seen).toEqual(own);
  const all = await stack.askAs(ADMIN)<UpdatesData>(UPDATES, { id: referralId, first: 100 });
  expect(all.data.referral.updates).toMatchObject({ totalCount: 15 });
  const none = await stack.askAs(READER)<UpdatesData>(UPDATES, { id: referralId });
  expect(none.data.referral.updates.nodes).toEqual([]);
});

test("own updates far behind others' are found on a later page, each page costing a bounded look", async () => {
  const referralId = newReferral(stack.simulator);
  const own = await submit(ANN, referralId);
  // In batches: a busy machine does not take 1,100 within the deadline an accept has.
  for (let batch = 0; batch < 11; batch += 1) {
    const others = Array.from({ length: 100 }, (_, n) =>
      submit(BEN, referralId, { changes: { name: `${batch}/${n}` } }),
    );
    await Promise.all(others);
  }
  const first = await stack.askAs(ANN)<UpdatesData>(UPDATES, { id: referralId, first: 1 });
  const { nodes, pageInfo } = first.data.referral.updates;
  expect([nodes, pageInfo.hasNextPage]).toEqual([[], true]);
  const variables = { id: referralId, first: 1, after: pageInfo.endCursor };
  const second = await stack.askAs(ANN)<UpdatesData>(UPDATES, variables);
  expect(second.data.referral.updates.nodes).toEqual([{ id: own, submittedBy: "ann" }]);

  // Many such pages in one request have a bound together; each goes on somewhere.
  const { ledger } = stack.queue;
  let lookedAt = 0;
  const listOfReferral: typeof ledger.listOfReferral = async (...args) => {
    const slice = await ledger.listOfReferral(...args);
    lookedAt += slice.updates.length;
    return slice;
  };
  const queue = { ...stack.queue, ledger: { listOfReferral } as unknown as typeof ledger };
  const services = { ...stack.services, queue };
  const pages = Array.from({ length: 60 }, (_, n) => `a${n}: updates(first: 1) { ...Page }`);
  const many = `query ($id: ID!) { referral(id: $id) { ${pages.join(" ")} } }
    fragment Page on ReferralUpdateConnection { nodes { id } pageInfo { hasNextPage endCursor } }`;
  const answer = await askThrough<{ referral: Record<string, unknown> }>(
    createGraphqlServer({ services, hasGraphiql: false }),
    ANN,
    many,
    { id: referralId },
  );
  const going = { nodes: [], pageInfo: { hasNextPage: true, endCursor: expect.any(String) } };
  expect(Object.values(answer.data.referral)).toEqual(pages.map(() => going));
  expect(lookedAt).toBeLessThanOrEqual(MOST_LOOKED_AT_IN_A_REQUEST + pages.length * 100);
});

test("what left in one PATCH with others' updates names only one's own; the audit shows each its own", async () => {
  const own = await startStack();
  onTestFinished(() => own.close());
  const referralId = newReferral(own.simulator, { externalReferenceId: "before" });
  const ask = async (caller: Caller, changes: object): Promise<string> => {
    const input = { referralId, changes, waitMs: 0 };
    const { data } = await own.askAs(caller)<UpdateData>(UPDATE, { input });
    return data.updateReferral.update.id;
  };
  const ids = [
    await ask(ANN, { name: "a" }),
    await ask(BEN, { externalReferenceId: "canary-of-ben" }),
    await ask(ANN, { details: { notes: "c" } }),
  ];
  own.startWorker();
  await Promise.all(ids.map((id) => untilFinal(own, id)));
  expect(patchesOf(own.simulator, referralId)).toHaveLength(1);
  const ofAnn = await own.askAs(ANN)(EVERYTHING, { id: ids[0] });
  expect(ofAnn.data).toMatchObject({ referralUpdate: { mergedWith: [ids[2]] } });
  const ofAda = await own.askAs(ADMIN)(EVERYTHING, { id: ids[0] });
  expect(ofAda.data).toMatchObject({ referralUpdate: { mergedWith: [ids[1], ids[2]] } });
  const trail = `query ($id: ID!) {
    referral(id: $id) {
      auditTrail { nodes { updateId submittedBy mergedWith patch { path value } } totalCount }
      updates { nodes { id patch { path value } mergedWith } }
    }
  }`;
  const audit = await own.askAs(ANN)(trail, { id: referralId });
  expect(audit.data).toMatchObject({
    referral: {
      auditTrail: { nodes: [{ updateId: ids[2] }, { updateId: ids[0] }], totalCount: null },
    },
  });
  for (const text of [JSON.stringify(audit), JSON.stringify(ofAnn)]) {
    expect(text).not.toContain("canary-of-ben");
    expect(text).not.toContain(ids[1]);
  }
});

test("an update is watched by who submitted it and by administrators, as long as their token is good", async () => {
  const id = await submit(ANN, newReferral(stack.simulator));
  const { services } = stack;
  for (const caller of [BEN, READER]) {
    await expect(watchUpdate({ services, caller }, id)).rejects.toMatchObject({
      extensions: { code: "NOT_FOUND" },
    });
  }
  const caller = { ...ANN, expiresAt: Date.now() + 700 };
  const told: unknown[] = [];
  for await (const next of await watchUpdate({ services, caller }, id)) {
    told.push(next);
  }
  expect(told).toMatchObject([
    { id, state: "QUEUED" },
    { extensions: { code: "UNAUTHENTICATED" } },
  ]);
});

test.each([
  ['{ bulkUpdates(after: "blk_x") { nodes { id } } }'],
  ['{ auditTrail(after: "zz") { nodes { id } } }'],
  ['{ referral(id: "ID") { updates(after: "upd_x") { nodes { id } } } }'],
  ['{ referral(id: "ID") { auditTrail(after: "upd_x") { nodes { id } } } }'],
])("a cursor that is none of the list is refused, not taken for its end: %s", async (query) => {
  const id = newReferral(stack.simulator);
  const { errors } = await stack.ask(query.replace("ID", id));
  expect(errors).toMatchObject([
    { message: expect.stringContaining("after"), extensions: { code: "BAD_USER_INPUT" } },
  ]);
});

test("a reader may call no mutation there is", async () => {
  const { data } = await stack.ask<{
    __type: { fields: { name: string; args: { name: string }[] }[] };
  }>('{ __type(name: "Mutation") { fields { name args { name } } } }');
  expect(data.__type.fields.length).toBeGreaterThan(5);
  for (const { name, args } of data.__type.fields) {
    const input = name === "updateReferral" ? '{ referralId: "x" }' : "{}";
    const given = args[0]?.name === "input" ? `input: ${input}` : 'id: "x"';
    const { errors } = await stack.askAs(READER)(`mutation { ${name}(${given}) { __typename } }`);
    expect(errors?.[0]?.extensions?.code, name).toBe("FORBIDDEN");
  }
});
