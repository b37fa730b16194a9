import { expect, test } from "vitest";
import { classifyFailure, type FailureKind, PartnerCenterError } from "../src/index.ts";
import {
  clientOf,
  ETAG,
  json,
  REFERRAL_ID,
  refusedOrigin,
  rejection,
  startUpstream,
} from "./support/upstream.ts";

/** status, Retry-After, kind, and whether a PATCH may have been applied. */
const answered: [number, string | undefined, FailureKind, boolean][] = [
  [301, undefined, "protocol", false],
  [302, undefined, "protocol", false],
  [307, undefined, "protocol", false],
  [308, undefined, "protocol", false],
  [400, undefined, "rejected", false],
  [401, undefined, "unauthorized", false],
  [403, undefined, "forbidden", false],
  [404, undefined, "gone", false],
  [406, undefined, "rejected", false],
  [408, undefined, "transient", true],
  [409, undefined, "rejected", false],
  [410, undefined, "gone", false],
  [411, undefined, "rejected", false],
  [412, undefined, "conflict", false],
  [413, undefined, "rejected", false],
  [415, undefined, "rejected", false],
  [416, undefined, "rejected", false],
  [418, undefined, "rejected", false],
  [422, undefined, "rejected", false],
  [423, undefined, "transient", false],
  [429, undefined, "throttled", false],
  [429, "2", "throttled", false],
  [500, undefined, "transient", true],
  [501, undefined, "rejected", false],
  [502, undefined, "transient", true],
  [503, undefined, "transient", false],
  [503, "1", "throttled", false],
  [504, undefined, "transient", true],
  [507, undefined, "rejected", false],
  [509, undefined, "throttled", false],
  [520, undefined, "transient", true],
];

test.each(answered)("status %i (Retry-After %s) is %s", async (status, after, kind, uncertain) => {
  const upstream = await startUpstream((_request, response) =>
    json(
      response,
      status,
      { error: { code: "someNewCode", message: "m" } },
      { ...(after && { "retry-after": after }), location: "http://127.0.0.1:9/elsewhere" },
    ),
  );
  const client = clientOf(upstream.origin);
  const patch = await rejection(
    client.patchReferral({ id: REFERRAL_ID, patch: [], ifMatch: ETAG, requestId: "req-1" }),
  );
  expect(patch).toBeInstanceOf(PartnerCenterError);
  expect(patch).toMatchObject({
    kind,
    status,
    method: "PATCH",
    path: `/engagements/referrals/${REFERRAL_ID}`,
    code: "someNewCode",
    requestId: "req-1",
    clientRequestId: upstream.requests[0]?.headers["client-request-id"],
    retryAfterMs: after === undefined ? undefined : Number(after) * 1000,
    wasSent: true,
    isEffectUncertain: uncertain,
  });
  const get = await rejection(client.getReferral(REFERRAL_ID));
  expect(get).toMatchObject({ kind, status, isEffectUncertain: false });
  // One attempt per call, nothing followed, nothing retried.
  expect(upstream.requests.map((request) => request.method)).toEqual(["PATCH", "GET"]);
});

test("the most specific code that is understood is told, whatever surrounds it", async () => {
  const innerError = {
    code: "brandNew",
    innerError: { code: "resourceModified", innerError: { code: "evenNewer" } },
  };
  const upstream = await startUpstream((_request, response) =>
    json(response, 412, { error: { code: "preconditionFailed", message: "outer", innerError } }),
  );
  const error = await rejection(clientOf(upstream.origin).getReferral(REFERRAL_ID));
  expect(error).toMatchObject({ kind: "conflict", code: "resourceModified" });
  expect((error as PartnerCenterError).upstreamMessage).toBe("outer");
});

test.each([
  "",
  "not json",
  "<html>",
  "[]",
  "null",
  '{"error":"text"}',
  '{"error":{"code":{}}}',
  `{"error":${'{"innerError":'.repeat(5000)}{}${"}".repeat(5000)}}`,
])("an error body like %.20j never hides the status", async (body) => {
  const upstream = await startUpstream((_request, response) => json(response, 400, body));
  const error = await rejection(clientOf(upstream.origin).getReferral(REFERRAL_ID));
  expect(error).toMatchObject({ kind: "rejected", status: 400 });
});

test("a state conflict that names a modified resource is a conflict", () => {
  const facts = { method: "PATCH", hasRetryAfter: false, wasSent: true } as const;
  expect(classifyFailure({ ...facts, status: 409, errorCode: "resourceModified" })).toBe(
    "conflict",
  );
  expect(classifyFailure({ ...facts, status: 499, errorCode: "itemNotFound" })).toBe("gone");
  expect(classifyFailure({ ...facts, status: 499, errorCode: "constructor" })).toBe("rejected");
});

test("412 tells the current ETag when the answer has it", async () => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 412, {}, { etag: '"current"' }),
  );
  const call = clientOf(upstream.origin).patchReferral({
    id: REFERRAL_ID,
    patch: [],
    ifMatch: ETAG,
    requestId: "r",
  });
  expect(await rejection(call)).toMatchObject({ kind: "conflict", etag: '"current"' });
});

test.each(["GET", "PATCH"])(
  "%s to a host that refuses connections was not sent",
  async (method) => {
    const client = clientOf(await refusedOrigin());
    const call =
      method === "GET"
        ? client.getReferral(REFERRAL_ID)
        : client.patchReferral({ id: REFERRAL_ID, patch: [], requestId: "r" });
    expect(await rejection(call)).toMatchObject({
      kind: "transient",
      code: "ECONNREFUSED",
      wasSent: false,
      isEffectUncertain: false,
    });
  },
);

test("a host name that does not resolve is transient and not sent", async () => {
  const client = clientOf("https://does-not-exist.invalid");
  expect(await rejection(client.getReferral(REFERRAL_ID))).toMatchObject({
    kind: "transient",
    wasSent: false,
  });
});

test("calls after close fail without being sent", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const client = clientOf(upstream.origin);
  await client.close();
  const call = client.patchReferral({ id: REFERRAL_ID, patch: [], requestId: "r" });
  expect(await rejection(call)).toMatchObject({ kind: "transient", wasSent: false });
});
