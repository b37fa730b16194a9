import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { at, call, LIST, patch, REFERRAL, start, truth } from "./harness.ts";

test("a referral can be read with its ETag in header and body", async () => {
  const simulator = await start();
  const reply = await call(simulator, "GET", REFERRAL);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("etag")).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
  expect(reply.body).toMatchObject({
    eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"',
    status: "New",
    substatus: "Pending",
    customerProfile: { name: "Contoso Customer Inc", size: "10to50employees" },
  });
});

test("tracing headers come back", async () => {
  const simulator = await start();
  const [clientRequestId, requestId] = [randomUUID(), randomUUID()];
  const headers = { "client-request-id": clientRequestId, "request-id": requestId };
  const reply = await call(simulator, "GET", REFERRAL, { headers });
  expect(reply.headers.get("client-request-id")).toBe(clientRequestId);
  expect(reply.headers.get("request-id")).toBe(requestId);
  expect(reply.headers.get("timestamp")).toMatch(/Z$/);
  expect(reply.headers.get("x-ms-ags-diagnostic")).toContain("ServerInfo");
});

test.each([undefined, "", "not-a-guid"])("client-request-id %o is refused", async (id) => {
  const simulator = await start();
  const reply = await call(simulator, "GET", REFERRAL, { headers: { "client-request-id": id } });
  expect(reply).toMatchObject({ status: 400, body: { error: { code: "invalidRequest" } } });
});

test.each([undefined, "Bearer wrong", "Basic abc", "simulator-token"])(
  "authorization %o is refused",
  async (authorization) => {
    const simulator = await start();
    const reply = await call(simulator, "GET", REFERRAL, { headers: { authorization } });
    expect(reply).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
    expect(reply.headers.get("www-authenticate")).toContain("Bearer");
  },
);

test.each([
  ["GET", `${LIST}/00000000-0000-4000-8000-000000000000`, 404],
  ["PATCH", `${LIST}/nothing`, 404],
  ["GET", "/engagements/other", 404],
  ["GET", `${REFERRAL}/audit`, 404],
  ["PUT", REFERRAL, 405],
  ["DELETE", REFERRAL, 405],
  ["PATCH", LIST, 405],
])("%s %s answers %i", async (method, path, status) => {
  const simulator = await start();
  const body = method === "GET" ? undefined : "[]";
  const reply = await call(simulator, method, path, body === undefined ? {} : { body });
  expect(reply.status).toBe(status);
  expect(at(reply.body, "error/code")).toBe(status === 404 ? "itemNotFound" : "invalidRequest");
});

test("ids are found in any letter case", async () => {
  const simulator = await start();
  expect(
    (await call(simulator, "GET", REFERRAL.toUpperCase().replace("/ENGAGEMENTS/REFERRALS", LIST)))
      .status,
  ).toBe(200);
});

test("a body that is not JSON, of another type, or too large is refused", async () => {
  const simulator = await start({ maxBodyBytes: 1000 });
  const send = (body: string, contentType: string | undefined) =>
    call(simulator, "PATCH", REFERRAL, { body, headers: { "content-type": contentType } });
  expect((await send("[{", "application/json")).status).toBe(400);
  expect((await send("", "application/json")).status).toBe(400);
  expect((await send("[]", "text/plain")).status).toBe(415);
  expect((await send("[]", "application/json-patch+json; charset=utf-8")).status).toBe(204);
  expect((await send(" ".repeat(1001), "application/json")).status).toBe(413);
});

test("a referral can be created, starts as New/Pending, and can be read and changed", async () => {
  const simulator = await start();
  const body = {
    name: "New deal",
    type: "Independent",
    customerProfile: { name: "Adatum", address: { country: "US" } },
    consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
    details: { notes: "hello", dealValue: "5.50", currency: "EUR" },
  };
  const made = await call(simulator, "POST", LIST, { body });
  expect(made).toMatchObject({ status: 201, body: { status: "New", substatus: "Pending" } });
  expect(at(made.body, "details/dealValue")).toBe(5.5);
  const path = `${LIST}/${String(made.body.id)}`;
  expect((await call(simulator, "GET", path)).body).toEqual(made.body);
  const change = [{ op: "replace", path: "/name", value: "Renamed" }];
  expect((await call(simulator, "PATCH", path, { body: change })).status).toBe(204);
  const filter = encodeURIComponent(`engagementId eq '${String(made.body.engagementId)}'`);
  const found = await call(simulator, "GET", `${LIST}?$filter=${filter}`);
  expect(at(found.body, "value/0/name")).toBe("Renamed");
});

test.each(["type", "customerProfile", "consent", "details"])(
  "a referral without %s is not created",
  async (missing) => {
    const simulator = await start();
    const whole = { type: "Shared", customerProfile: {}, consent: {}, details: {} };
    const body = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== missing));
    const reply = await call(simulator, "POST", LIST, { body });
    expect(reply).toMatchObject({ status: 400, body: { error: { target: missing } } });
    expect(simulator.control.state().referrals).toBe(20);
  },
);

test("a repeated request-id is applied again, unless the simulator honours it", async () => {
  const operations = [{ op: "add", path: "/team/-", value: { email: "j@d.example" } }];
  for (const [honourRequestId, expected] of [
    [false, 3],
    [true, 2],
  ] as const) {
    const simulator = await start({ honourRequestId });
    const headers = { "request-id": randomUUID(), prefer: "return=representation" };
    await patch(simulator, operations, headers);
    const again = await patch(simulator, operations, headers);
    expect(again.status).toBe(200);
    expect(truth(simulator).team).toHaveLength(expected);
  }
});
