import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPDATE } from "./support/documents.ts";
import { AUDIENCE, type Issuer, newKey, startIssuer, unsigned } from "./support/issuer.ts";
import { listen } from "./support/listening.ts";
import { newReferral } from "./support/referrals.ts";

let redis: LocalRedis;
let simulator: Simulator;
beforeAll(async () => {
  [redis, simulator] = await Promise.all([
    startLocalRedis({ durable: false }),
    startSimulator({ limiter: "none", referrals: 3 }),
  ]);
});
afterAll(() => Promise.all([redis.stop(), simulator.close()]));

const start = (issuer: Issuer, settings: Readonly<Record<string, string>> = {}) =>
  listen({
    redisUrl: redis.url,
    upstreamUrl: simulator.url,
    settings: { ...issuer.settings, ...settings },
  });

const JSON_TYPE = { "content-type": "application/json" };
const BLK = "blk_0123456789abcdef0123456789abcdef";

/** Everything that takes a token, as requests that would otherwise succeed or be refused for another reason. */
const SURFACES: readonly [name: string, path: string, init: RequestInit][] = [
  [
    "a query",
    "/graphql",
    { method: "POST", headers: JSON_TYPE, body: '{"query":"{ __typename }"}' },
  ],
  ["a query by GET", "/graphql?query=%7B__typename%7D", {}],
  ["introspection", "/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D", {}],
  [
    "a subscription",
    "/graphql?query=subscription%7BreferralUpdateChanged(id%3A%22x%22)%7Bid%7D%7D",
    { headers: { accept: "text/event-stream" } },
  ],
  ["broken JSON", "/graphql", { method: "POST", headers: JSON_TYPE, body: "{" }],
  [
    "an upload",
    "/bulk-updates",
    { method: "POST", headers: { "content-type": "text/csv" }, body: "referralId,name\nx,y\n" },
  ],
  ["results as CSV", `/bulk-updates/${BLK}/results.csv`, {}],
  ["results as NDJSON", `/bulk-updates/${BLK}/results.ndjson`, {}],
  ["the queue page", "/queues", {}],
  ["what the queue page asks for", "/queues/api/queues", {}],
];

describe("nobody gets anywhere", () => {
  test.each(SURFACES)("with %s and no good token", async (_name, path, init) => {
    const issuer = await startIssuer();
    const origin = await start(issuer);
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: issuer.url,
      aud: AUDIENCE,
      sub: "x",
      roles: ["Referral.Admin"],
      exp: now + 60,
    };
    const tokens: Record<string, string | undefined> = {
      none: undefined,
      empty: "",
      basic: "Basic ZGV2OmRldg==",
      words: "Bearer not-a-token",
      unsigned: `Bearer ${unsigned(claims)}`,
      "another audience": `Bearer ${await issuer.token({ claims: { aud: "api://other" } })}`,
      expired: `Bearer ${await issuer.token({ claims: { exp: now - 120 } })}`,
      "a wrong key": `Bearer ${await issuer.token({ key: await newKey() })}`,
    };
    for (const [name, authorization] of Object.entries(tokens)) {
      const response = await fetch(origin + path, {
        ...init,
        headers: { ...init.headers, ...(authorization === undefined ? {} : { authorization }) },
      });
      expect(response.status, name).toBe(401);
      expect(response.headers.get("www-authenticate"), name).toMatch(/^Bearer realm="patchlane"/);
      const body = await response.text();
      expect(body, name).toContain("UNAUTHENTICATED");
      expect(body, name).not.toContain(authorization?.slice(7) || "\0");
    }
  });

  test("by a token in the query or the body", async () => {
    const issuer = await startIssuer();
    const origin = await start(issuer);
    const token = await issuer.token();
    const queries = [`?access_token=${token}&query=%7B__typename%7D`, "?query=%7B__typename%7D"];
    for (const query of queries) {
      const response = await fetch(`${origin}/graphql${query}`, {
        headers: { cookie: `token=${token}; authorization=Bearer ${token}` },
      });
      expect(response.status).toBe(401);
    }
  });
});

test("whether it is alive and ready is open to whoever asks", async () => {
  const origin = await start(await startIssuer());
  expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
  expect((await fetch(`${origin}/nothing`)).status).toBe(404);
});

test("a good token without a role is 403 everywhere", async () => {
  const issuer = await startIssuer();
  const origin = await start(issuer);
  const authorization = `Bearer ${await issuer.token({ claims: { roles: ["Other"] } })}`;
  for (const [name, path, init] of SURFACES) {
    const headers = { ...init.headers, authorization };
    const response = await fetch(origin + path, { ...init, headers });
    expect(response.status, name).toBe(403);
    expect(response.headers.get("www-authenticate"), name).toContain("insufficient_scope");
  }
});

/** Sends a GraphQL request with a token whose claims these are. */
async function askAs(
  issuer: Issuer,
  origin: string,
  claims: Readonly<Record<string, unknown>>,
  query: string,
  variables: object = {},
) {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { ...JSON_TYPE, authorization: `Bearer ${await issuer.token({ claims })}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as {
    data: Record<string, Record<string, unknown>> | null;
    errors?: { extensions: { code: string } }[];
  };
}

describe("roles", () => {
  const READER = { sub: "reader", roles: ["Referral.Reader"] };
  const USER = { sub: "user", roles: ["Referral.User"] };
  const ADMIN = { sub: "admin", roles: ["Referral.Admin"] };
  const update = (referralId: string) => ({
    input: { referralId, changes: { name: "x" }, waitMs: 0 },
  });
  const bulk = `mutation ($items: [BulkItemInput!]) {
    bulkUpdateReferrals(input: { items: $items, dryRun: true }) { __typename }
  }`;
  const steer = (action: string) => `mutation { ${action}(id: "${BLK}") { __typename } }`;

  test("a reader reads referrals and changes nothing", async () => {
    const issuer = await startIssuer();
    const origin = await start(issuer);
    const referralId = newReferral(simulator);
    const before = simulator.control.requests().length;
    const refused = await askAs(issuer, origin, READER, UPDATE, update(referralId));
    expect(refused).toMatchObject({ data: null, errors: [{ extensions: { code: "FORBIDDEN" } }] });
    expect(simulator.control.requests().slice(before)).toEqual([]);
    const read = `query ($id: ID!) { referral(id: $id) { id updates { nodes { id } } } queue { waiting } }`;
    expect(await askAs(issuer, origin, READER, read, { id: referralId })).toMatchObject({
      data: { referral: { id: referralId, updates: { nodes: [] } }, queue: {} },
    });
  });

  test("a user updates; bulk, everybody's updates and the audit take an administrator", async () => {
    const issuer = await startIssuer();
    const origin = await start(issuer);
    const referralId = newReferral(simulator);
    const accepted = await askAs(issuer, origin, USER, UPDATE, update(referralId));
    expect(accepted.data?.updateReferral?.update).toMatchObject({ submittedBy: "user" });
    const items = [{ referralId, changes: { name: "y" } }];
    const forbidden: [query: string, variables: object][] = [
      [bulk, { items }],
      [steer("pauseBulkUpdate"), {}],
      [steer("resumeBulkUpdate"), {}],
      [steer("cancelBulkUpdate"), {}],
      [steer("retryBulkUpdate"), {}],
      [`{ bulkUpdate(id: "${BLK}") { id } }`, {}],
      ["{ bulkUpdates { nodes { id } } }", {}],
      ["{ auditTrail { nodes { id } } }", {}],
    ];
    for (const claims of [READER, USER]) {
      for (const [query, variables] of forbidden) {
        const { errors } = await askAs(issuer, origin, claims, query, variables);
        expect(errors?.[0]?.extensions.code, query).toBe("FORBIDDEN");
      }
    }
    for (const [query, variables] of forbidden) {
      expect((await askAs(issuer, origin, ADMIN, query, variables)).errors, query).toBeUndefined();
    }
    const authorization = `Bearer ${await issuer.token({ claims: USER })}`;
    const upload = await fetch(`${origin}/bulk-updates`, {
      method: "POST",
      headers: { authorization, "content-type": "text/csv" },
      body: "referralId,name\nx,y\n",
    });
    expect(upload.status).toBe(403);
    const results = await fetch(`${origin}/bulk-updates/${BLK}/results.csv`, {
      headers: { authorization },
    });
    expect(results.status).toBe(403);
  });
});

/** Sends a request a browser would send; `fetch` does not let us set these headers. */
function asBrowser(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = "GET",
  body = "",
): Promise<{ status: number; headers: Record<string, unknown>; body: unknown }> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: { ...headers, ...length } }, (response) => {
      json(response)
        .catch(() => undefined)
        .then((answer) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("pages of other origins", () => {
  const ask = JSON.stringify({ query: "{ __typename }" });
  const dev = (settings: Readonly<Record<string, string>> = {}) =>
    listen({ redisUrl: redis.url, upstreamUrl: simulator.url, settings });

  test.each([
    ["says so", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["is of a neighbour", { "sec-fetch-site": "same-site", origin: "https://other.example" }],
    ["is an old browser's", { origin: "https://evil.example" }],
    ["hides its origin", { origin: "null" }],
    ["embeds the query", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ])("are refused: one that %s", async (_name, headers) => {
    const origin = await dev();
    const get = await asBrowser(`${origin}/graphql?query=%7B__typename%7D`, headers);
    expect(get).toMatchObject({
      status: 403,
      body: { errors: [{ extensions: { code: "FORBIDDEN" } }] },
    });
    const post = await asBrowser(`${origin}/graphql`, { ...headers, ...JSON_TYPE }, "POST", ask);
    expect(post.status).toBe(403);
    const upload = { ...headers, "content-type": "text/csv" };
    expect((await asBrowser(`${origin}/bulk-updates`, upload, "POST", "a\n")).status).toBe(403);
    expect(get.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("our own pages, and who is no browser, are served", async () => {
    const origin = await dev();
    const ours: Record<string, string>[] = [
      {},
      { "sec-fetch-site": "same-origin", origin },
      { "sec-fetch-site": "none" },
      { origin },
    ];
    for (const headers of ours) {
      const answer = await asBrowser(
        `${origin}/graphql`,
        { ...headers, ...JSON_TYPE },
        "POST",
        ask,
      );
      expect(answer).toMatchObject({ status: 200, body: { data: { __typename: "Query" } } });
    }
  });

  test("a link to GraphiQL works, and executes nothing", async () => {
    const origin = await dev();
    const link = {
      accept: "text/html",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    const page = await asBrowser(`${origin}/graphql?query=%7B__typename%7D`, link);
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    const notHtml = { ...link, accept: "application/json" };
    expect((await asBrowser(`${origin}/graphql?query=%7B__typename%7D`, notHtml)).status).toBe(403);
  });

  test("are let in by name, and only by name", async () => {
    const origin = await dev({ CORS_ORIGINS: "https://crm.example, https://two.example" });
    const headers = { "sec-fetch-site": "cross-site", origin: "https://crm.example" };
    const preflight = { ...headers, "access-control-request-method": "POST" };
    const asked = await asBrowser(`${origin}/graphql`, preflight, "OPTIONS");
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      "access-control-allow-origin": "https://crm.example",
      "access-control-allow-headers": expect.stringContaining("authorization"),
      vary: expect.stringMatching(/origin/i),
    });
    expect(asked.headers["access-control-allow-credentials"]).toBeUndefined();
    const sent = await asBrowser(`${origin}/graphql`, { ...headers, ...JSON_TYPE }, "POST", ask);
    expect(sent.status).toBe(200);
    expect(sent.headers["access-control-allow-origin"]).toBe("https://crm.example");
    const other = { ...preflight, origin: "https://crm.example.evil.example" };
    const refused = await asBrowser(`${origin}/graphql`, other, "OPTIONS");
    expect(refused.status).toBe(403);
    expect(refused.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

test("every answer has an id of its own and the headers browsers heed", async () => {
  const issuer = await startIssuer();
  const origin = await start(issuer, { NODE_ENV: "production", HOST: "127.0.0.1" });
  const ids = new Set<string | null>();
  for (const path of [
    "/graphql",
    "/health/live",
    "/health/ready",
    "/nothing",
    "/",
    "/bulk-updates",
  ]) {
    const { headers } = await fetch(origin + path, {
      headers: { "x-request-id": randomUUID() },
      redirect: "manual",
    });
    expect(Object.fromEntries(headers), path).toMatchObject({
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "strict-transport-security": expect.stringContaining("max-age="),
      "cache-control": "no-store",
    });
    ids.add(headers.get("x-request-id"));
  }
  expect(ids.size).toBe(6);
});

test("in production no GraphiQL, unless it is asked for; with sign-in the page is open, its questions are not", async () => {
  const issuer = await startIssuer();
  const production = { NODE_ENV: "production", HOST: "127.0.0.1" };
  const html = { headers: { accept: "text/html" } };
  const without = await start(issuer, production);
  expect((await fetch(`${without}/graphql`, html)).status).toBe(401);
  const origin = await start(issuer, { ...production, GRAPHIQL: "true" });
  const page = await fetch(`${origin}/graphql`, html);
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
  expect((await fetch(`${origin}/graphql?query=%7B__typename%7D`)).status).toBe(401);
});
