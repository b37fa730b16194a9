import { describe, expect, test } from "vitest";
import { gatewayRig, send, sendGet } from "../support/gateway-rig.ts";

const rig = gatewayRig();
const QUERY = "{ queue { waiting } }";
const DATA = { data: { queue: { waiting: 0 } } };
const MUTATION = 'mutation { cancelReferralUpdate(id: "x") { __typename } }';
const SUBSCRIPTION = 'subscription { referralUpdateChanged(id: "x") { id } }';
const RESPONSE_JSON = "application/graphql-response+json";

describe("what cannot be read is a 400 with a code, in every media type", () => {
  test.each(["application/json", RESPONSE_JSON, "*/*"])("%s", async (accept) => {
    const origin = await rig.start();
    for (const body of ["{", "", "null", "7", '"x"', "[]", "{}", '{"query":7}', '{"query":null}']) {
      const { status, code } = await send(origin, body, { accept });
      expect([body, status, code]).toEqual([body, 400, "BAD_REQUEST"]);
    }
    for (const more of [{ variables: [] }, { variables: "x" }, { extensions: 7 }, { other: 1 }]) {
      const { status, code } = await send(origin, { query: QUERY, ...more }, { accept });
      expect([more, status, code]).toEqual([more, 400, "BAD_REQUEST"]);
    }
    for (const [name, value] of [
      ["variables", "{"],
      ["variables", "[]"],
      ["extensions", "x"],
    ] as const) {
      const { status, code } = await sendGet(origin, { query: QUERY, [name]: value }, { accept });
      expect([name, value, status, code]).toEqual([name, value, 400, "BAD_REQUEST"]);
    }
    expect(await sendGet(origin, {}, { accept })).toMatchObject({
      status: 400,
      code: "BAD_REQUEST",
    });
  });

  test("and never says what it was", async () => {
    const origin = await rig.start();
    const answers = [
      await send(origin, "jane@contoso.com"),
      await send(origin, { query: QUERY, "jane@contoso.com": 1 }),
      await sendGet(origin, { query: QUERY, variables: "jane@contoso.com" }),
    ];
    for (const { status, text } of answers) {
      expect([status, text]).toEqual([400, expect.not.stringContaining("contoso")]);
    }
  });
});

describe("media types of requests", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json ; charset="utf-8"',
    "Application/JSON",
  ])("%s is taken", async (type) => {
    const origin = await rig.start();
    const { status, body } = await send(origin, { query: QUERY }, { "content-type": type });
    expect([status, body]).toEqual([200, DATA]);
  });

  test.each([
    "application/json; charset=iso-8859-1",
    "application/graphql-response+json",
    "application/graphql",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/jsonp",
  ])("%s is not", async (type) => {
    const origin = await rig.start();
    const answer = await send(origin, { query: QUERY }, { "content-type": type });
    expect(answer).toMatchObject({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
  });
});

describe("Accept", () => {
  test.each([
    [undefined, "application/json; charset=utf-8"],
    ["*/*", "application/json; charset=utf-8"],
    ["application/*", "application/json; charset=utf-8"],
    ["application/json", "application/json; charset=utf-8"],
    [RESPONSE_JSON, `${RESPONSE_JSON}; charset=utf-8`],
    [`${RESPONSE_JSON}, application/json;q=0.9`, `${RESPONSE_JSON}; charset=utf-8`],
    ["text/html, application/json;q=0.5", "application/json; charset=utf-8"],
  ])("%s is answered as %s", async (accept, type) => {
    const origin = await rig.start();
    const { status, headers, body } = await send(
      origin,
      { query: QUERY },
      accept ? { accept } : {},
    );
    expect([status, headers.get("content-type"), body]).toEqual([200, type, DATA]);
  });

  test.each(["image/png", "text/html", "application/json; charset=utf-16"])(
    "%s is refused before anything is done",
    async (accept) => {
      const origin = await rig.start();
      const answer = await send(origin, { query: MUTATION }, { accept });
      expect(answer).toMatchObject({ status: 406, code: "NOT_ACCEPTABLE" });
      expect(answer.body).not.toHaveProperty("data");
    },
  );

  test("a subscription wants an event stream", async () => {
    const origin = await rig.start();
    const answer = await send(origin, { query: SUBSCRIPTION }, { accept: "application/json" });
    expect(answer).toMatchObject({ status: 406, code: "NOT_ACCEPTABLE" });
    const { status, text } = await send(origin, { query: SUBSCRIPTION }, { accept: "*/*" });
    expect([status, text]).toEqual([200, expect.stringContaining("NOT_FOUND")]);
  });
});

test("an error of the document is 200 in application/json, 400 in its own media type", async () => {
  const origin = await rig.start();
  const byId = "query ($id: ID!) { referral(id: $id) { id } }";
  for (const body of [
    { query: "{" },
    { query: "{ nothing }" },
    { query: byId },
    { query: byId, variables: { id: { email: "jane@contoso.com" } } },
    { query: SUBSCRIPTION.replace("{", "($id: ID!) {") },
    { query: QUERY, operationName: "jane@contoso.com" },
    { query: `query A ${QUERY} query B ${QUERY}` },
  ]) {
    const old = await send(origin, body, { accept: "application/json" });
    const own = await send(origin, body, { accept: RESPONSE_JSON });
    expect([body, old.status, own.status]).toEqual([body, 200, 400]);
    expect(own.body).not.toHaveProperty("data");
    expect(own.text).not.toContain("contoso");
  }
});

test("GET reads, and changes nothing", async () => {
  const origin = await rig.start();
  const query = "query ($first: Int) { bulkUpdates(first: $first) { nodes { id } } }";
  const read = await sendGet(origin, { query, variables: '{"first":1}', operationName: "" });
  expect([read.status, read.body]).toEqual([200, { data: { bulkUpdates: { nodes: [] } } }]);
  const changed = await sendGet(origin, { query: MUTATION });
  expect([changed.status, changed.headers.get("allow")]).toEqual([405, "POST"]);
  expect(changed.body).not.toHaveProperty("data");
  const two = `${QUERY.replace("{", "query A {")} ${MUTATION.replace("mutation", "mutation B")}`;
  expect((await sendGet(origin, { query: two, operationName: "B" })).status).toBe(405);
  expect((await sendGet(origin, { query: two, operationName: "A" })).body).toEqual(DATA);
});

test.each(["PUT", "PATCH", "DELETE"])("%s is not a method of GraphQL's", async (method) => {
  const origin = await rig.start();
  const response = await fetch(`${origin}/graphql`, { method });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
});

describe("a page of another origin cannot make a browser ask", () => {
  const foreign = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  test.each([
    ["a page nearby", { "sec-fetch-site": "same-site" }],
    ["a page elsewhere", foreign],
    ["a page elsewhere in an old browser", { origin: "https://evil.example" }],
    ["a page without an origin", { origin: "null" }],
    ["a link to it", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }],
  ])("%s", async (_name, headers) => {
    const origin = await rig.start();
    expect(await sendGet(origin, { query: QUERY }, headers)).toMatchObject({
      status: 403,
      code: "FORBIDDEN",
    });
    expect((await send(origin, { query: MUTATION }, headers)).status).toBe(403);
  });

  test("pages of its own and programs can", async () => {
    const origin = await rig.start();
    expect((await sendGet(origin, { query: QUERY })).body).toEqual(DATA);
    for (const site of ["same-origin", "none"]) {
      const answer = await sendGet(origin, { query: QUERY }, { "sec-fetch-site": site });
      expect(answer.body).toEqual(DATA);
    }
  });
});
