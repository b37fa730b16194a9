import { expect, test } from "vitest";
import { PartnerCenterError } from "../src/index.ts";
import {
  clientOf,
  ETAG,
  json,
  REFERRAL_ID,
  referralDocument,
  rejection,
  startUpstream,
  TOKEN,
} from "./support/upstream.ts";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const documentedSamples = [
  {
    name: "deal value and notes",
    patch: [
      { op: "replace", path: "/details/dealValue", value: "10000" },
      { op: "replace", path: "/details/notes", value: "Potential for growth" },
    ],
  },
  {
    name: "close as won",
    patch: [
      { op: "replace", path: "/status", value: "Closed" },
      { op: "replace", path: "/substatus", value: "Won" },
    ],
  },
  {
    name: "add a team member",
    patch: [
      { op: "add", path: "/team/-", value: { email: "jane.doe@contoso.com", firstName: "Jane" } },
    ],
  },
] as const;

test.each(documentedSamples)("PATCH on the wire: $name", async ({ patch }) => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument, { etag: '"new"', "request-id": "theirs" }),
  );
  const answer = await clientOf(upstream.origin).patchReferral({
    id: REFERRAL_ID,
    patch,
    ifMatch: ETAG,
    requestId: "5c9d1d8e-0000-4000-8000-000000000001",
  });
  expect(upstream.requests).toHaveLength(1);
  const [request] = upstream.requests;
  expect(request?.method).toBe("PATCH");
  expect(request?.url).toBe(`/v1.0/engagements/referrals/${REFERRAL_ID}`);
  expect(JSON.parse(request?.body ?? "")).toEqual(patch);
  expect(request?.headers).toMatchObject({
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    prefer: "return=representation",
    "if-match": ETAG,
    "request-id": "5c9d1d8e-0000-4000-8000-000000000001",
    "client-request-id": expect.stringMatching(GUID),
  });
  expect(answer.referral).toMatchObject({ id: REFERRAL_ID, addedByTheVendorLater: { kept: true } });
  expect(answer.etag).toBe('"new"');
  expect(answer.call).toMatchObject({
    method: "PATCH",
    path: `/engagements/referrals/${REFERRAL_ID}`,
    status: 200,
    clientRequestId: request?.headers["client-request-id"],
    requestId: "5c9d1d8e-0000-4000-8000-000000000001",
    upstreamRequestId: "theirs",
  });
});

test("a PATCH without a pinned ETag sends no If-Match", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const patch = [{ op: "replace", path: "/name", value: "x" }] as const;
  await clientOf(upstream.origin).patchReferral({ id: REFERRAL_ID, patch, requestId: "r1" });
  expect(upstream.requests[0]?.headers).not.toHaveProperty("if-match");
});

test("every call has a new client-request-id, a retry keeps its request-id", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const client = clientOf(upstream.origin);
  const input = { id: REFERRAL_ID, patch: [], requestId: "the-same" };
  await client.patchReferral(input);
  await client.patchReferral(input);
  const [first, second] = upstream.requests;
  expect(first?.headers["request-id"]).toBe("the-same");
  expect(second?.headers["request-id"]).toBe("the-same");
  expect(first?.headers["client-request-id"]).not.toBe(second?.headers["client-request-id"]);
});

test("GET answers the referral with its unknown properties and its ETag", async () => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument, { etag: 'W/"header"' }),
  );
  const read = await clientOf(upstream.origin).getReferral(REFERRAL_ID);
  expect(read.referral).toMatchObject(referralDocument);
  expect(read.etag).toBe('W/"header"');
  const headers = upstream.requests[0]?.headers;
  expect(headers).toMatchObject({ accept: "application/json" });
  expect(headers?.["request-id"]).toMatch(GUID);
  expect(headers).not.toHaveProperty("prefer");
  expect(headers).not.toHaveProperty("content-type");
});

test("the ETag comes from the body when the header is missing", async () => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument),
  );
  expect((await clientOf(upstream.origin).getReferral(REFERRAL_ID)).etag).toBe(ETAG);
});

test("sockets are reused", async () => {
  const ports = new Set<number | undefined>();
  const upstream = await startUpstream((_request, response, raw) => {
    ports.add(raw.socket.remotePort);
    json(response, 200, referralDocument);
  });
  const client = clientOf(upstream.origin);
  for (let call = 0; call < 20; call++) await client.getReferral(REFERRAL_ID);
  // Two: the pool frees a socket one turn of the event loop after its answer was read.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test("many calls at once over few sockets each get their own answer", async () => {
  const upstream = await startUpstream((request, response) =>
    json(response, 200, { ...referralDocument, id: request.url.split("/").at(-1) }),
  );
  const client = clientOf(upstream.origin, { connections: 3 });
  const ids = Array.from({ length: 100 }, (_, index) => `referral-${index}`);
  const reads = await Promise.all(ids.map((id) => client.getReferral(id)));
  expect(reads.map((read) => read.referral.id)).toEqual(ids);
});

test.each(["../../customers", "a/b", "a?b", "a%2fb", ".", "", "a b", "é", "x".repeat(500)])(
  "the id %.20j never reaches a URL",
  async (id) => {
    const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
    const client = clientOf(upstream.origin);
    for (const call of [
      client.getReferral(id),
      client.patchReferral({ id, patch: [], requestId: "r" }),
    ]) {
      expect(await rejection(call)).toMatchObject({
        name: "InvalidReferralIdError",
        kind: "rejected",
        wasSent: false,
      });
    }
    expect(upstream.requests).toHaveLength(0);
  },
);

test.each([
  { field: "ifMatch", input: { ifMatch: '"x"\r\nX-Evil: 1', requestId: "r" } },
  { field: "requestId", input: { requestId: "r\nX-Evil: 1" } },
])("a line break in $field is refused", async ({ input }) => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const error = await rejection(
    clientOf(upstream.origin).patchReferral({ id: REFERRAL_ID, patch: [], ...input }),
  );
  expect(error).toBeInstanceOf(PartnerCenterError);
  expect(error).toMatchObject({ kind: "rejected", wasSent: false });
  expect(upstream.requests).toHaveLength(0);
});

test("a base URL that would leak the token is refused", () => {
  expect(() => clientOf("http://partner.example")).toThrow(/https/);
  expect(() => clientOf("ftp://127.0.0.1")).toThrow(/https/);
  expect(() => clientOf("https://user:pw@partner.example")).toThrow(/credentials/);
  expect(() => clientOf("http://127.0.0.1.evil.example")).toThrow(/https/);
});
