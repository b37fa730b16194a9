import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE } from "./support/documents.ts";
import { serve } from "./support/serving.ts";
import { type Stack, startStack, untilFinal } from "./support/stack.ts";

const GOOD = "61c65491-2f2c-461a-84b4-3654499bc1d9";

/** What must never be part of an upstream path. */
const HOSTILE = [
  "",
  " ",
  ".",
  "..",
  "...",
  "../",
  "../customers",
  "../../customers",
  "%2e%2e",
  "%2e%2e/customers",
  "%2e%2e%2fcustomers",
  "%252e%252e%252fcustomers",
  "..%2fcustomers",
  "..%5ccustomers",
  "..\\customers",
  "\\..\\customers",
  "/",
  "//evil.example",
  "a/b",
  "a%2fb",
  "a;b",
  "a?b",
  "a?$filter=x",
  "a#b",
  "a b",
  " a",
  "a\n",
  "a\r\nHost: evil.example",
  "a HTTP/1.1\r\n\r\nGET /customers",
  "a\u0000",
  "\u0000",
  "%00",
  "\u00e9",
  "\u2024\u2024\u2215customers",
  "\uff0e\uff0e\uff0fcustomers",
  "\u202e",
  "\ud800",
  "a".repeat(129),
  "../".repeat(5_000),
  "x".repeat(100_000),
];

/** Paths the upstream was asked for, to the letter. */
const asked: string[] = [];
let upstream: Server;
let stack: Stack;

beforeAll(async () => {
  upstream = createServer((request, response) => {
    const { url = "" } = request;
    asked.push(`${request.method} ${url}`);
    const id = /^\/v1\.0\/engagements\/referrals\/([^/?]*)$/.exec(url)?.[1];
    const body = id === undefined ? { value: [] } : { id, status: "New", eTag: '"1"' };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as AddressInfo;
  stack = await startStack({ upstreamUrl: `http://127.0.0.1:${port}/v1.0` });
  stack.startWorker();
});
afterAll(async () => {
  await stack.close();
  upstream.closeAllConnections();
  upstream.close();
});

const READ = "query ($id: ID!) { referral(id: $id) { id } }";
const TRAIL = "query ($id: ID!) { auditTrail(referralId: $id) { nodes { id } } }";
const BULK = `mutation ($items: [BulkItemInput!]!) { bulkUpdateReferrals(input: { items: $items, skipUnchanged: false }) {
  ... on BulkUpdatePayload { bulkUpdate { id state counts { total failed } } }
  ... on InvalidInputError { issues { path } }
} }`;
const changes = { name: "x" };

/** The upstream is asked for nothing but this referral from here on. */
async function expectOnlyGood(): Promise<void> {
  const before = asked.length;
  const { data } = await stack.ask<{ updateReferral: { update: { id: string } } }>(UPDATE, {
    input: { referralId: GOOD, changes: { name: `n${before}` }, waitMs: 0 },
  });
  // The worker is at work, and the upstream notes what it is asked.
  await untilFinal(stack, data.updateReferral.update.id);
  expect(asked.length).toBeGreaterThan(before);
  expect(asked.filter((line) => !line.endsWith(` /v1.0/engagements/referrals/${GOOD}`))).toEqual(
    [],
  );
}

describe("ids that lead elsewhere never reach the upstream", () => {
  test("in queries", async () => {
    for (const id of HOSTILE) {
      for (const query of [READ, TRAIL]) {
        const { errors } = await stack.ask(query, { id });
        expect(errors?.[0]).toMatchObject({
          message: "id: Expected a referral id: 1 to 128 letters, digits, - and _",
          extensions: { code: "BAD_USER_INPUT" },
        });
      }
    }
    await expectOnlyGood();
  });

  test("in mutations", async () => {
    for (const referralId of HOSTILE) {
      const { data } = await stack.ask(UPDATE, { input: { referralId, changes } });
      expect(data).toMatchObject({
        updateReferral: { __typename: "InvalidInputError", issues: [{ path: "/referralId" }] },
      });
    }
    await expectOnlyGood();
  });

  test("in bulk updates, where only their rows fail", async () => {
    const origin = await serve(stack);
    const items = HOSTILE.map((referralId) => ({ referralId, changes }));
    const ndjson = items.map((item) => JSON.stringify(item)).join("\n");
    const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const csv = HOSTILE.filter((id) => id.isWellFormed()).map((id) => `${cell(id)},x`);
    const upload = async (type: string, body: string): Promise<string> => {
      const headers = { "content-type": type };
      const answer = await fetch(`${origin}/bulk-updates`, { method: "POST", headers, body });
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { id: string }).id;
    };
    const inline = await stack.ask<{ bulkUpdateReferrals: { bulkUpdate: { id: string } } }>(BULK, {
      items,
    });
    expect(inline.errors).toBeUndefined();
    const ids = [
      inline.data.bulkUpdateReferrals.bulkUpdate.id,
      await upload("application/x-ndjson", ndjson),
      await upload("text/csv", `referralId,name\n${csv.join("\n")}\n`),
    ];
    for (const id of ids) {
      const { data } = await stack.ask<{ bulkUpdate: { counts: Record<string, number> } }>(
        "query ($id: ID!) { bulkUpdate(id: $id) { counts { total failed } } }",
        { id },
      );
      const { total, failed } = data.bulkUpdate.counts;
      expect(total).toBeGreaterThan(HOSTILE.length - 3);
      expect(failed).toBe(total);
    }
    await expectOnlyGood();
  });
});

test("ids of updates and bulk updates that are none are unknown, nothing more", async () => {
  const query = `query ($id: ID!) { referralUpdate(id: $id) { id } bulkUpdate(id: $id) { id } }`;
  const cancel = `mutation ($id: ID!) { cancelReferralUpdate(id: $id) { __typename } cancelBulkUpdate(id: $id) { __typename } }`;
  for (const id of [...HOSTILE, "*", "blk_*", "upd_x:y", "blk_x:rows", "{x}", "__proto__"]) {
    expect(await stack.ask(query, { id })).toEqual({
      data: { referralUpdate: null, bulkUpdate: null },
    });
    expect(await stack.ask(cancel, { id })).toEqual({
      data: {
        cancelReferralUpdate: { __typename: "NotFoundError" },
        cancelBulkUpdate: { __typename: "NotFoundError" },
      },
    });
  }
});

test.each([
  "/bulk-updates/../results.csv",
  "/bulk-updates/%2e%2e/results.csv",
  "/bulk-updates/%2e%2e/graphql/results.csv",
  "/bulk-updates/..%2fgraphql/results.csv",
  "/bulk-updates/..\\graphql/results.csv",
  "/bulk-updates/x\\..\\..\\graphql",
  "/bulk-updates//results.csv",
  "/bulk-updates/%00/results.ndjson",
  "/bulk-updates/%ff/results.ndjson",
  "/bulk-updates/%/results.ndjson",
  `/bulk-updates/${"x".repeat(5_000)}/results.csv`,
  "/graphql/../bulk-updates/x/results.csv",
  "//bulk-updates/x/results.csv",
  "//",
  "///",
  "http://evil.example/bulk-updates/x/results.csv",
])("the path %.60s is not found, and says so", async (path) => {
  const { port, hostname } = new URL(await serve(stack));
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket.setEncoding("latin1")) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('"code":"NOT_FOUND"');
});
