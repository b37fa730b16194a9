import { expect, test } from "vitest";
import { createGatewayClient } from "../src/index.ts";
import { bodyOf, fakeGateway, json } from "./support/fake-gateway.ts";

interface Asked {
  readonly operationName?: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A gateway with a list of `length` at `field` of its answers' data. */
async function listOf(length: number, wrap: (page: unknown) => unknown) {
  const asked: Asked["variables"][] = [];
  const url = await fakeGateway(async (request, response) => {
    const { variables } = JSON.parse(await bodyOf(request)) as Asked;
    asked.push(variables);
    const from = Number(variables.after ?? 0);
    const to = Math.min(length, from + Number(variables.first ?? 20));
    const nodes = Array.from({ length: to - from }, (_, index) => ({ id: `n${from + index}` }));
    const pageInfo = { hasNextPage: to < length, endCursor: to === 0 ? null : String(to) };
    await json(200, { data: wrap({ nodes, pageInfo, totalCount: length }) })(request, response);
  });
  return { client: createGatewayClient({ url }), asked };
}

async function idsOf(list: AsyncIterable<{ readonly id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of list) {
    ids.push(id);
  }
  return ids;
}

const upTo = (length: number) => Array.from({ length }, (_, index) => `n${index}`);

test("referrals: every one, with the filter in every page", async () => {
  const { client, asked } = await listOf(250, (page) => ({ referrals: page }));
  const filter = "qualification eq 'SalesQualified'";
  expect(await idsOf(client.eachReferral({ filter, status: "Active" }))).toEqual(upTo(250));
  expect(asked).toEqual([
    { filter, status: "Active", first: 90 },
    { filter, status: "Active", first: 90, after: "90" },
    { filter, status: "Active", first: 90, after: "180" },
  ]);
});

test("the other lists are read to their ends, too", async () => {
  const audit = await listOf(3, (page) => ({ auditTrail: page }));
  const ofReferral = { referralId: "r-1" };
  expect(await idsOf(audit.client.eachAuditEntry(ofReferral, { pageSize: 2 }))).toEqual(upTo(3));
  expect(audit.asked.map(({ referralId }) => referralId)).toEqual(["r-1", "r-1"]);
  const updates = await listOf(3, (page) => ({ referral: { updates: page } }));
  expect(await idsOf(updates.client.eachReferralUpdate("r-1", { pageSize: 2 }))).toEqual(upTo(3));
  const items = await listOf(3, (page) => ({ bulkUpdate: { items: page } }));
  expect(await idsOf(items.client.eachBulkUpdateItem({ id: "b", state: "FAILED" }))).toEqual(
    upTo(3),
  );
  const bulks = await listOf(3, (page) => ({ bulkUpdates: page }));
  expect(await idsOf(bulks.client.eachBulkUpdate({ pageSize: 1 }))).toEqual(upTo(3));
});

test("who stops reading asks for no further page", async () => {
  const { client, asked } = await listOf(50, (page) => ({ referrals: page }));
  for await (const { id } of client.eachReferral({}, { pageSize: 10 })) {
    if (id === "n12") {
      break;
    }
  }
  expect(asked).toHaveLength(2);
});

test("a list that is not there has no nodes; asked for by page it is undefined", async () => {
  const { client } = await listOf(0, () => ({ referral: null, bulkUpdate: null }));
  expect(await idsOf(client.eachReferralUpdate("nobody"))).toEqual([]);
  expect(await client.referralUpdates("nobody")).toBeUndefined();
  expect(await client.bulkUpdateItems({ id: "nothing" })).toBeUndefined();
  expect(await client.referral("nobody")).toBeUndefined();
});
