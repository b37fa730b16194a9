import { inspect } from "node:util";
import { expect, test } from "vitest";
import { PartnerCenterError } from "../src/index.ts";
import {
  clientOf,
  json,
  REFERRAL_ID,
  refusedOrigin,
  rejection,
  startTcp,
  startUpstream,
  TOKEN,
} from "./support/upstream.ts";

const EMAIL = "jane.doe@contoso.com";
const secrets = [TOKEN, EMAIL, "jane.doe", "Bearer"];

/** Everything a logger could get at: text, all own properties, the causes. */
function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let level: unknown = error; level !== undefined; ) {
    parts.push(
      inspect(level, { depth: 20, showHidden: true }),
      JSON.stringify(level),
      String(level),
      level instanceof Error ? `${level.stack}` : "",
    );
    level = level instanceof Error ? level.cause : undefined;
  }
  return parts.join("\n");
}

const input = {
  id: REFERRAL_ID,
  patch: [{ op: "add", path: "/team/-", value: { email: EMAIL } }],
  requestId: "r",
} as const;

/** Answers that quote everything they were sent. */
const echo = `{"error":{"code":"${EMAIL}","message":"bad: ${EMAIL} Bearer ${TOKEN}","target":"${EMAIL}"}}`;

const origins: { name: string; start: () => Promise<string> }[] = [
  ...[400, 401, 403, 412, 429, 500].map((status) => ({
    name: `an echoing ${status}`,
    start: async () =>
      (
        await startUpstream((request, response) =>
          json(response, status, echo, { "x-echo": `${request.headers.authorization}` }),
        )
      ).origin,
  })),
  {
    name: "a body that is not JSON but quotes the request",
    start: async () =>
      (await startUpstream((_request, response) => json(response, 202, `${EMAIL} ${TOKEN}`)))
        .origin,
  },
  {
    name: "no HTTP, quoting the request",
    start: () => startTcp((socket) => socket.on("data", (chunk) => socket.end(chunk))),
  },
  { name: "a reset", start: () => startTcp((s) => s.on("data", () => s.resetAndDestroy())) },
  { name: "a refused connection", start: refusedOrigin },
];

test.each(origins)("no token and no personal data in an error from $name", async ({ start }) => {
  const error = await rejection(clientOf(await start()).patchReferral(input));
  expect(error).toBeInstanceOf(PartnerCenterError);
  const text = everythingIn(error);
  expect(text).toContain(REFERRAL_ID);
  for (const secret of secrets) expect(text).not.toContain(secret);
});

test("no filter in a list's error", async () => {
  const upstream = await startUpstream((_request, response) => json(response, 400, echo));
  const pages = clientOf(upstream.origin).listReferrals({ filter: `email eq '${EMAIL}'` });
  const error = await rejection(pages[Symbol.asyncIterator]().next());
  for (const secret of secrets) expect(everythingIn(error)).not.toContain(secret);
});

test("an abort reason is not carried along", async () => {
  const signal = AbortSignal.abort(new Error(EMAIL));
  const error = await rejection(clientOf(await refusedOrigin()).patchReferral(input, { signal }));
  expect(everythingIn(error)).not.toContain(EMAIL);
});

test("the upstream's own words are there for whoever asks for them by name", async () => {
  const upstream = await startUpstream((_request, response) => json(response, 400, echo));
  const error = await rejection(clientOf(upstream.origin).patchReferral(input));
  expect((error as PartnerCenterError).upstreamMessage).toContain(EMAIL);
});

test.each([
  ["as it was sent", (token: string) => `${token} is not good, ${token}`],
  ["as a header", (token: string) => `Authorization: Bearer ${token}.`],
  ["escaped", (token: string) => JSON.stringify({ authorization: `bearer ${token}` })],
  ["of somebody else", () => "Bearer other-token"],
  ["that looks like one", () => "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln"],
])("a token in the upstream's own words is cut out: %s", async (_name, wordsOf) => {
  const upstream = await startUpstream(({ headers }, response) => {
    const token = String(headers.authorization).slice("Bearer ".length);
    const inner = { code: "invalidRequest", message: wordsOf(token) };
    json(
      response,
      400,
      JSON.stringify({ error: { code: token, message: "x", innerError: inner } }),
    );
  });
  const error = (await rejection(
    clientOf(upstream.origin).patchReferral(input),
  )) as PartnerCenterError;
  expect(error.upstreamMessage).toContain("[token]");
  for (const text of [error.upstreamMessage ?? "", everythingIn(error)]) {
    expect(text).not.toMatch(/other-token|eyJ/);
    expect(text).not.toContain(TOKEN);
  }
});

test("a TLS handshake that fails is told by its code", async () => {
  // Plain TCP that does not speak TLS: the handshake fails.
  const origin = await startTcp((socket) => socket.end("no tls\r\n"));
  const client = clientOf(origin.replace("http:", "https:"));
  const error = await rejection(client.patchReferral(input));
  expect(error).toMatchObject({ kind: "transient", wasSent: false });
  expect((error as PartnerCenterError).cause).toMatchObject({ code: expect.any(String) });
});
