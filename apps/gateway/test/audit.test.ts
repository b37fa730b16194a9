import { openUpdateQueue, type UpdateQueue } from "@patchlane/update-queue";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createGraphqlServer } from "../src/graphql-server.ts";
import { UPDATE, type UpdateData } from "./support/documents.ts";
import { newReferral } from "./support/referrals.ts";
import { type Answer, askThrough, type Stack, startStack, TESTER } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const ENTRY = `
  id updateId referralId state isReadable submittedBy patch { op path value } ifMatch
  error { code message upstreamStatus } submittedAt finishedAt attempts mergedWith
  requestId clientRequestId etagBefore etag
`;
const TRAIL = `query Trail($first: Int, $after: String, $referralId: ID) {
  auditTrail(first: $first, after: $after, referralId: $referralId) {
    edges { cursor node { id } }
    nodes { ${ENTRY} }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;
const OF_REFERRAL = `query OfReferral($id: ID!) { referral(id: $id) {
  auditTrail(first: 5) { nodes { ${ENTRY} } }
  updates(first: 1) { nodes { requestId etagBefore } }
} }`;

interface TrailData {
  readonly auditTrail: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
    readonly nodes: readonly Readonly<Record<string, unknown>>[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    readonly totalCount: number | null;
  };
}

/** Submits a change and answers its update; with `waitMs` once it is final. */
async function submit(referralId: string, input: object): Promise<{ id: string; state: string }> {
  const { data } = await stack.ask<UpdateData>(UPDATE, { input: { referralId, ...input } });
  return data.updateReferral.update;
}

async function trail(variables: object = {}): Promise<TrailData["auditTrail"]> {
  const { data, errors } = await stack.ask<TrailData>(TRAIL, { ...variables });
  expect(errors).toBeUndefined();
  return data.auditTrail;
}

test("every update that became final is in the audit trail, with who, what, when and what became of it", async () => {
  const id = newReferral(stack.simulator);
  const other = newReferral(stack.simulator);
  const cancelled = await submit(id, { changes: { name: "cancelled" }, waitMs: 0 });
  await stack.ask("mutation ($id: ID!) { cancelReferralUpdate(id: $id) { __typename } }", {
    id: cancelled.id,
  });
  await submit(other, { changes: { name: "pending" }, waitMs: 0 });
  expect((await trail()).nodes.map(({ updateId }) => updateId)).toEqual([cancelled.id]);

  stack.startWorker();
  const applied = await submit(id, { changes: { name: "applied" }, waitMs: 30_000 });
  const failed = await submit(id, {
    changes: { name: "failed" },
    ifMatch: '"stale"',
    waitMs: 30_000,
  });
  expect([applied.state, failed.state]).toEqual(["APPLIED", "FAILED"]);

  const ofReferral = await trail({ referralId: id });
  expect(ofReferral.nodes).toMatchObject([
    {
      updateId: failed.id,
      state: "FAILED",
      ifMatch: '"stale"',
      error: { code: "CONFLICT", upstreamStatus: 412 },
    },
    {
      id: expect.any(String),
      updateId: applied.id,
      referralId: id,
      state: "APPLIED",
      isReadable: true,
      submittedBy: "tester",
      patch: [{ op: "replace", path: "/name", value: "applied" }],
      ifMatch: null,
      error: null,
      submittedAt: expect.stringMatching(/Z$/),
      finishedAt: expect.stringMatching(/Z$/),
      attempts: 1,
      mergedWith: [],
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      etag: expect.stringMatching(/^".+"$/),
    },
    { updateId: cancelled.id, state: "CANCELLED", attempts: 0, requestId: null, etag: null },
  ]);
  expect(ofReferral.totalCount).toBeNull();
  const { data } = await stack.ask<{
    referral: {
      auditTrail: { nodes: unknown };
      updates: { nodes: { requestId: string | null }[] };
    };
  }>(OF_REFERRAL, { id });
  expect(data.referral.auditTrail.nodes).toEqual(ofReferral.nodes);
  expect(data.referral.updates.nodes).toMatchObject([
    { requestId: ofReferral.nodes[0]?.requestId },
  ]);

  await vi.waitFor(async () => expect((await trail()).totalCount).toBe(4), { timeout: 20_000 });
  const first = await trail({ first: 3 });
  const rest = await trail({ first: 3, after: first.pageInfo.endCursor });
  expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
  expect(new Set([...first.nodes, ...rest.nodes].map(({ updateId }) => updateId)).size).toBe(4);
  expect(rest.nodes.at(-1)?.updateId).toBe(cancelled.id);
});

test.each([
  [{ first: 101 }, "first must be 0 to 100"],
  [{ first: -1 }, "first must be 0 to 100"],
  [{ referralId: "a/b" }, expect.stringContaining("referral id")],
])("the audit trail is not answered for %j", async (variables, message) => {
  const { errors } = await stack.ask(TRAIL, variables);
  expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
});

test("what is sealed with a key the gateway does not have is left out, or said to be so, item by item", async () => {
  const open = async (fill: number): Promise<UpdateQueue> => {
    const queue = openUpdateQueue({
      redisUrl: stack.redis.url,
      accountId: "sealed",
      rate: { ratePerSecond: 1_000, burst: 100 },
      ledgerKeys: [new Uint8Array(32).fill(fill)],
      onError: () => {},
    });
    onTestFinished(() => queue.close());
    await vi.waitFor(() => queue.ping(), { timeout: 10_000 });
    return queue;
  };
  const [old, queue] = [await open(1), await open(2)];
  const referralId = newReferral(stack.simulator);
  const ids: string[] = [];
  for (const [ledger, name] of [
    [old.ledger, "old"],
    [queue.ledger, "new"],
    [old.ledger, "pending"],
  ] as const) {
    const patch = [{ op: "replace", path: "/name", value: name }] as const;
    const accepted = await ledger.accept({
      referralId,
      intent: { patch },
      patch,
      submittedBy: name,
    });
    ids.push(accepted.ok ? accepted.id : "");
  }
  await queue.ledger.cancel(ids[0] ?? "");
  await queue.ledger.cancel(ids[1] ?? "");
  const graphql = createGraphqlServer({
    services: { ...stack.services, queue },
    hasGraphiql: false,
  });
  const ask = <Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<Answer<Data>> => askThrough(graphql, TESTER, query, variables);

  const { data, errors } = await ask<TrailData>(TRAIL, { referralId });
  expect(errors).toBeUndefined();
  expect(data.auditTrail.nodes).toMatchObject([
    { updateId: ids[1], isReadable: true, submittedBy: "new" },
    { updateId: ids[0], isReadable: false, submittedBy: null, patch: null, state: "CANCELLED" },
  ]);
  const states = "query ($id: ID!) { referral(id: $id) { updates { nodes { id state } } } }";
  expect(await ask(states, { id: referralId })).toMatchObject({
    data: {
      referral: {
        updates: {
          nodes: [
            { id: ids[2], state: "QUEUED" },
            { id: ids[1], state: "CANCELLED" },
            { id: ids[0], state: "CANCELLED" },
          ],
        },
      },
    },
  });
  const patchOf = "query ($id: ID!) { referralUpdate(id: $id) { patch { path } } }";
  expect(await ask(patchOf, { id: ids[2] })).toMatchObject({
    data: { referralUpdate: null },
    errors: [
      {
        message: "this is sealed with a ledger key the gateway does not have",
        path: ["referralUpdate", "patch"],
        extensions: { code: "SERVICE_UNAVAILABLE" },
      },
    ],
  });
});
