import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { listen, post } from "./support/listening.ts";

let redis: LocalRedis;
let simulator: Simulator;
beforeAll(async () => {
  [redis, simulator] = await Promise.all([
    startLocalRedis(),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
});
afterAll(() => Promise.all([redis.stop(), simulator.close()]));

const start = () => listen({ redisUrl: redis.url, upstreamUrl: simulator.url });
const json = { "content-type": "application/json" };
const MIB = 1_048_576;

/** A GraphQL request of about `bytes`. */
function requestOf(bytes: number): string {
  return JSON.stringify({ query: "{ __typename }", variables: { padding: "x".repeat(bytes) } });
}

test("answers GraphQL over HTTP, and says it is alive", async () => {
  const origin = await start();
  expect(await post(origin, "{ __typename }")).toEqual({ data: { __typename: "Query" } });
  const live = await fetch(`${origin}/health/live`);
  expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
});

test("a body of 5 MB is answered with 413 before it is read, one of just under 1 MiB is taken", async () => {
  const origin = await start();
  const send = (body: string) =>
    fetch(`${origin}/graphql`, { method: "POST", headers: json, body });
  const refused = await send(requestOf(5_000_000));
  expect(refused.status).toBe(413);
  expect(await refused.json()).toMatchObject({
    errors: [
      { message: expect.stringContaining("1048576"), extensions: { code: "PAYLOAD_TOO_LARGE" } },
    ],
  });
  const taken = await send(requestOf(MIB - 200));
  expect([taken.status, await taken.json()]).toEqual([200, { data: { __typename: "Query" } }]);
});

/** Sends a request as bytes and answers everything that comes back. */
async function exchange(origin: string, ...parts: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  for (const part of parts) {
    socket.write(part);
  }
  return await text(socket);
}

test("who goes on sending a body that was refused is not cut off before reading why", async () => {
  const origin = await start();
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const bytes = 5_000_000;
  const ended = Promise.all([text(socket), once(socket, "close")]);
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  await once(socket, "data");
  socket.write("x".repeat(bytes));
  const [answer, [hadError]] = await ended;
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('"code":"PAYLOAD_TOO_LARGE"');
  expect(hadError).toBe(false);
});

test("a body without a length is refused with 411 and a reason", async () => {
  const origin = await start();
  const head = "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
  const answer = await exchange(
    origin,
    `${head}Transfer-Encoding: chunked\r\n\r\n`,
    `1a\r\n{"query":"{ __typename }"}\r\n0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 411 /);
  expect(answer).toContain('"code":"LENGTH_REQUIRED"');
});

test("without sign-in, nothing is served under a foreign name (DNS rebinding)", async () => {
  const origin = await start();
  for (const host of [
    "evil.example",
    "evil.example:4000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
  ]) {
    const answer = await exchange(
      origin,
      `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      "",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  }
});

test.each([
  ["application/x-www-form-urlencoded", "query=mutation%7B__typename%7D"],
  ["multipart/form-data; boundary=x", "--x\r\n\r\n--x--"],
  ["text/plain", '{"query":"{ __typename }"}'],
  ["application/graphql", "{ __typename }"],
])("a foreign page cannot send %s", async (contentType, body) => {
  const origin = await start();
  const headers = { "content-type": contentType };
  const response = await fetch(`${origin}/graphql`, { method: "POST", headers, body });
  expect(response.status).toBe(415);
});

test.each(["{", "[]", "null", '{"query":7}', "not json"])(
  "the body %s is a client error with a message",
  async (body) => {
    const origin = await start();
    const response = await fetch(`${origin}/graphql`, { method: "POST", headers: json, body });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { message: string }[] };
    expect(errors[0]?.message).not.toMatch(/Internal error|Unexpected error/);
    expect(JSON.stringify(errors)).not.toContain("not json");
  },
);

test("mutations by GET are refused; nothing else is served", async () => {
  const origin = await start();
  const mutation = encodeURIComponent('mutation { cancelReferralUpdate(id: "x") { __typename } }');
  expect((await fetch(`${origin}/graphql?query=${mutation}`)).status).toBe(405);
  const lost = await fetch(`${origin}/nothing`);
  expect([lost.status, await lost.json()]).toMatchObject([404, { error: { code: "NOT_FOUND" } }]);
});

test("what never becomes a request is answered like everything else", async () => {
  const origin = await start();
  const cases: [sent: string, status: string, code: string][] = [
    [`GET /${"a".repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, "431 ", "HEADERS_TOO_LARGE"],
    ["NONSENSE\r\n\r\n", "400 ", "BAD_REQUEST"],
  ];
  for (const [sent, status, code] of cases) {
    const answer = await exchange(origin, sent);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    expect(answer).toContain(`{"error":{"code":"${code}"`);
    expect(answer).toMatch(/\r\nx-request-id: [\w-]{36}\r\n/);
    expect(answer).toContain("\r\nx-content-type-options: nosniff\r\n");
  }
});
