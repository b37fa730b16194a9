import { randomUUID } from "node:crypto";
import { newBulkUpdateId, rowUpdateId } from "@patchlane/update-queue";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { endLane, notesRow, openLanes, submitRows } from "./support/bulk.ts";
import { type Stack, startStack } from "./support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const FIELDS = `
  id label state dryRun skipUnchanged upstreamCalls etaSeconds pausedReason submittedBy submittedAt finishedAt
  counts { total queued sending applied unchanged failed cancelled }
`;

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

const submit = (referralIds: readonly string[], more: Parameters<typeof submitRows>[2] = {}) =>
  submitRows(
    stack.queue,
    referralIds.map((id, index) => notesRow(id, `notes ${index + 1}`)),
    more,
  );

interface Seen {
  readonly state: string;
  readonly etaSeconds: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly items: Items;
}

interface Items {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string; readonly rowNumber: number }[];
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function read(id: string, fields = FIELDS): Promise<Seen | null> {
  const query = `query ($id: ID!) { bulkUpdate(id: $id) { ${fields} } }`;
  const { data, errors } = await stack.ask<{ bulkUpdate: Seen | null }>(query, { id });
  expect(errors).toBeUndefined();
  return data.bulkUpdate;
}

test("a bulk update tells what it is, and its counts add up on the way", async () => {
  const lanes = openLanes(stack.redis.url);
  const [first = "", second = ""] = ids(2);
  const id = await submit([first, second], { label: "tonight" });
  expect(await read(id)).toEqual({
    id,
    label: "tonight",
    state: "RUNNING",
    dryRun: false,
    skipUnchanged: true,
    upstreamCalls: 0,
    etaSeconds: expect.any(Number),
    pausedReason: null,
    submittedBy: "tester",
    submittedAt: expect.stringMatching(/Z$/),
    finishedAt: null,
    counts: { total: 2, queued: 2, sending: 0, applied: 0, unchanged: 0, failed: 0, cancelled: 0 },
  });
  await endLane(lanes, first);
  expect(await read(id)).toMatchObject({ counts: { queued: 1, applied: 1 }, upstreamCalls: 1 });
  await endLane(lanes, second, "FAILED", { code: "ACCESS_DENIED", message: "not yours" });
  expect(await read(id)).toMatchObject({
    state: "COMPLETED_WITH_ERRORS",
    etaSeconds: null,
    finishedAt: expect.stringMatching(/Z$/),
    counts: { total: 2, queued: 0, applied: 1, failed: 1 },
  });
});

test.each([newBulkUpdateId(), "blk_", "", "upd_1", "*", "{default}"])(
  "the unknown bulk update %j is null",
  async (id) => {
    expect(await read(id)).toBeNull();
  },
);

test("newest first, page by page, each once", async () => {
  const own = await startStack();
  try {
    const taken: string[] = [];
    for (const referralId of ids(3)) {
      taken.unshift(await submitRows(own.queue, [notesRow(referralId, "x")]));
    }
    const query = `query ($after: String) { bulkUpdates(first: 2, after: $after) {
      nodes { id } edges { cursor node { id } } totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }`;
    const first = await own.ask<{ bulkUpdates: Items }>(query);
    expect(first.data.bulkUpdates).toMatchObject({
      nodes: taken.slice(0, 2).map((id) => ({ id })),
      totalCount: 3,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    const after = first.data.bulkUpdates.pageInfo.endCursor;
    const second = await own.ask(query, { after });
    expect(second.data).toMatchObject({
      bulkUpdates: {
        nodes: [{ id: taken[2] }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      },
    });
  } finally {
    await own.close();
  }
});

describe("the rows of a bulk update", () => {
  const ITEMS = `query ($id: ID!, $first: Int, $after: String, $state: UpdateState) {
    bulkUpdate(id: $id) { items(first: $first, after: $after, state: $state) {
      nodes { id rowNumber state referralId externalReferenceId skipUnchanged bulkUpdate { id counts { total } } }
      edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
    } }
  }`;
  const page = async (id: string, more: Readonly<Record<string, unknown>> = {}) => {
    const { data, errors } = await stack.ask<{ bulkUpdate: { items: Items } }>(ITEMS, {
      id,
      ...more,
    });
    expect(errors).toBeUndefined();
    return data.bulkUpdate.items;
  };
  const numbers = ({ nodes }: Items): number[] => nodes.map(({ rowNumber }) => rowNumber);

  test("come in row order, page by page, each once, whatever becomes of them meanwhile", async () => {
    const lanes = openLanes(stack.redis.url);
    const referralIds = ids(7);
    const id = await submit(referralIds);
    const first = await page(id, { first: 3 });
    expect(first.nodes[0]).toEqual({
      id: rowUpdateId(id, 1),
      rowNumber: 1,
      state: "QUEUED",
      referralId: referralIds[0],
      externalReferenceId: null,
      skipUnchanged: true,
      bulkUpdate: { id, counts: { total: 7 } },
    });
    expect(first).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true } });
    await endLane(lanes, referralIds[0] ?? "");
    await endLane(lanes, referralIds[4] ?? "");
    const second = await page(id, { first: 3, after: first.pageInfo.endCursor });
    const third = await page(id, { first: 3, after: second.edges.at(-1)?.cursor });
    expect([first, second, third].map(numbers)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });

    const queued = await page(id, { first: 2, state: "QUEUED" });
    expect(numbers(queued)).toEqual([2, 3]);
    expect(queued).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
    const rest = await page(id, { state: "QUEUED", after: queued.pageInfo.endCursor });
    expect(numbers(rest)).toEqual([4, 6, 7]);
    expect(numbers(await page(id, { state: "FAILED" }))).toEqual([]);
    expect(numbers(await page(id, { first: 0 }))).toEqual([]);
  });

  test("are 100 when not asked otherwise, 1000 at most, and ask for their bulk update once", async () => {
    const id = await submit(ids(101));
    const get = vi.spyOn(stack.queue.bulk, "get");
    const hundred = await page(id, { first: null });
    expect(hundred.nodes).toHaveLength(100);
    // Once by its id, once for the page of rows, once for all of them together.
    expect(get.mock.calls.length).toBeLessThanOrEqual(3);
    get.mockRestore();
    for (const first of [-1, 1_001]) {
      const { errors } = await stack.ask(ITEMS, { id, first });
      expect(errors).toMatchObject([
        { message: "first must be 0 to 1000", extensions: { code: "BAD_USER_INPUT" } },
      ]);
    }
  });

  test("a cursor of something else is refused, not read as the start", async () => {
    const id = await submit(ids(1));
    for (const after of ["", "x", rowUpdateId(newBulkUpdateId(), 1), "upd_1"]) {
      const { errors } = await stack.ask(ITEMS, { id, after });
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    }
  });

  test("by an external id not resolved yet, and unusable ones, can be looked at", async () => {
    const error = { code: "INVALID_CHANGE", message: "no such field", path: "/nmae" } as const;
    const id = await submitRows(stack.queue, [
      { kind: "update", externalReferenceId: "crm-1", intent: { changes: { name: "x" } } },
      { kind: "bad", error, input: { line: "{}" } },
    ]);
    const query = `query ($id: ID!) { bulkUpdate(id: $id) { items { nodes {
      state referralId externalReferenceId error { code message path } referral { id } patch { path }
    } } } }`;
    expect(await stack.ask(query, { id })).toEqual({
      data: {
        bulkUpdate: {
          items: {
            nodes: [
              {
                state: "QUEUED",
                referralId: "",
                externalReferenceId: "crm-1",
                error: null,
                referral: null,
                patch: [{ path: "/name" }],
              },
              {
                state: "FAILED",
                referralId: "",
                externalReferenceId: null,
                error,
                referral: null,
                patch: [],
              },
            ],
          },
        },
      },
    });
  });

  test("an update that came alone has no bulk update", async () => {
    const update = `mutation ($input: UpdateReferralInput!) { updateReferral(input: $input) {
      ... on UpdateReferralPayload { update { bulkUpdate { id } rowNumber skipUnchanged } }
    } }`;
    const input = { referralId: randomUUID(), changes: { name: "x" }, waitMs: 0 };
    expect(await stack.ask(update, { input })).toEqual({
      data: {
        updateReferral: { update: { bulkUpdate: null, rowNumber: null, skipUnchanged: null } },
      },
    });
  });
});

describe("steering", () => {
  const act = async (action: string, id: string) => {
    const { data } = await stack.ask<{ result: unknown }>(
      `mutation ($id: ID!) { result: ${action}BulkUpdate(id: $id) {
        __typename
        ... on BulkUpdatePayload {
          bulkUpdate { id state pausedReason etaSeconds counts { queued applied failed cancelled } }
        }
        ... on UserError { message }
        ... on InvalidInputError { issues { code path } }
        ... on NotFoundError { id }
      } }`,
      { id },
    );
    return data.result;
  };
  const payload = (bulkUpdate: object) => ({ __typename: "BulkUpdatePayload", bulkUpdate });
  const refused = (says: string) => ({
    __typename: "InvalidInputError",
    message: expect.stringContaining(says),
    issues: [{ code: "NOT_POSSIBLE_NOW", path: "/id" }],
  });

  test("pause, resume and cancel; asking for what is so already is no error", async () => {
    const id = await submit(ids(2));
    const paused = payload({ state: "PAUSED", pausedReason: "paused by tester", etaSeconds: null });
    expect(await act("pause", id)).toMatchObject(paused);
    expect(await act("pause", id)).toMatchObject(paused);
    const running = payload({ id, state: "RUNNING", pausedReason: null, counts: { queued: 2 } });
    expect(await act("resume", id)).toMatchObject(running);
    expect(await act("resume", id)).toMatchObject(running);
    const cancelled = payload({ state: "CANCELLED", counts: { queued: 0, cancelled: 2 } });
    expect(await act("cancel", id)).toMatchObject(cancelled);
    expect(await act("cancel", id)).toMatchObject(cancelled);
    expect(await act("pause", id)).toMatchObject(refused("CANCELLED"));
    expect(await act("resume", id)).toMatchObject(refused("CANCELLED"));
    expect(await act("retry", id)).toMatchObject(refused("CANCELLED"));
  });

  test("only failed rows are retried, in place; what is over cannot be paused or cancelled", async () => {
    const lanes = openLanes(stack.redis.url);
    const [good = "", poor = ""] = ids(2);
    const id = await submit([good, poor]);
    await endLane(lanes, good);
    await endLane(lanes, poor, "FAILED", { code: "CONFLICT", message: "changed meanwhile" });
    expect(await act("pause", id)).toMatchObject(refused("COMPLETED_WITH_ERRORS"));
    expect(await act("cancel", id)).toMatchObject(refused("COMPLETED_WITH_ERRORS"));
    const again = payload({ id, state: "RUNNING", counts: { queued: 1, applied: 1, failed: 0 } });
    expect(await act("retry", id)).toMatchObject(again);
    await lanes.bulk.enlist(id, 10); // what the leading worker does first
    await endLane(lanes, poor);
    expect(await read(id)).toMatchObject({ state: "COMPLETED", counts: { total: 2, applied: 2 } });
    expect(await act("retry", id)).toMatchObject(payload({ state: "COMPLETED" }));
    expect(await act("resume", id)).toMatchObject(refused("COMPLETED"));
  });

  test.each(["pause", "resume", "cancel", "retry"])("an unknown id cannot %s", async (action) => {
    for (const id of [newBulkUpdateId(), "", "nonsense"]) {
      expect(await act(action, id)).toMatchObject({ __typename: "NotFoundError", id });
    }
  });
});

test("while nobody can send, a running bulk update says why, and promises no end", async () => {
  const id = await submit(ids(1));
  await stack.queue.account.paused("sign-in does not work");
  expect(await read(id)).toMatchObject({
    state: "RUNNING",
    pausedReason: "sign-in does not work",
    etaSeconds: null,
  });
  await stack.queue.account.answered("write");
  expect(await read(id)).toMatchObject({ pausedReason: null, etaSeconds: expect.any(Number) });
  await stack.queue.account.failed({ isForEverybody: true });
  expect(await read(id)).toMatchObject({
    state: "RUNNING",
    pausedReason: expect.stringContaining("does not answer"),
    etaSeconds: null,
  });
  await stack.queue.account.answered("write");
  expect(await read(id)).toMatchObject({ pausedReason: null });
});

test("a finished dry run says what the real run would take", async () => {
  const lanes = openLanes(stack.redis.url);
  const [referralId = ""] = ids(1);
  const id = await submit([referralId], { isDryRun: true });
  const fields = "dryRun state plan { upstreamCalls minutes }";
  expect(await read(id, fields)).toMatchObject({ dryRun: true, plan: null });
  await lanes.bulk.setPlan(id, { upstreamCalls: 1_140 });
  await lanes.bulk.settle(id, [{ rowNumber: 1, referralId, state: "UNCHANGED" }]);
  const { ratePerSecond } = await stack.queue.budget.status();
  expect(await read(id, fields)).toMatchObject({
    state: "COMPLETED",
    plan: { upstreamCalls: 1_140, minutes: expect.closeTo(1_140 / ratePerSecond / 60) },
  });
});
