import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { PartnerCenterError } from "../src/index.ts";
import {
  clientOf,
  json,
  REFERRAL_ID,
  referralDocument,
  rejection,
  startTcp,
  startUpstream,
} from "./support/upstream.ts";

const input = {
  id: REFERRAL_ID,
  patch: [{ op: "add", path: "/team/-", value: { email: "jane.doe@contoso.com" } }],
  requestId: "req-1",
} as const;

/** ms in which a call gets its request out and the answer's head in, also on a busy machine. */
const ENOUGH_TO_SEND_MS = 1_500;

/** Reads one whole request (its JSON body ends it), then calls back. */
function onceRequested(socket: Socket, then: () => void): void {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (text.includes("\r\n\r\n") && body.length >= length) {
      text = "";
      then();
    }
  });
}

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: "after"\r\n';
const whole = JSON.stringify(referralDocument);

const cuts: { name: string; onSocket: (socket: Socket) => void }[] = [
  {
    name: "reset after the request arrived",
    onSocket: (socket) => onceRequested(socket, () => socket.resetAndDestroy()),
  },
  {
    name: "closed after the request arrived",
    onSocket: (socket) => onceRequested(socket, () => socket.end()),
  },
  {
    name: "closed in the middle of the headers",
    onSocket: (socket) => onceRequested(socket, () => socket.end("HTTP/1.1 200 OK\r\nContent-")),
  },
  { name: "reset on arrival", onSocket: (socket) => socket.resetAndDestroy() },
];

test.each(cuts)(
  "a PATCH whose connection is $name has an unknown outcome",
  async ({ onSocket }) => {
    let sockets = 0;
    const origin = await startTcp((socket) => {
      sockets++;
      onSocket(socket);
    });
    const error = await rejection(clientOf(origin).patchReferral(input));
    expect(error).toBeInstanceOf(PartnerCenterError);
    expect(error).toMatchObject({ method: "PATCH", requestId: "req-1", status: undefined });
    const { kind, wasSent, isEffectUncertain } = error as PartnerCenterError;
    // A reset on arrival may be noticed before or after the first byte; both must be told truthfully.
    expect([kind, isEffectUncertain]).toEqual(
      wasSent ? ["unknownOutcome", true] : ["transient", false],
    );
    expect(sockets).toBe(1);
  },
);

test.each(cuts)(
  "a GET whose connection is $name is transient and not repeated",
  async ({ onSocket }) => {
    let sockets = 0;
    const origin = await startTcp((socket) => {
      sockets++;
      onSocket(socket);
    });
    const error = await rejection(clientOf(origin).getReferral(REFERRAL_ID));
    expect(error).toMatchObject({ kind: "transient", isEffectUncertain: false });
    expect(sockets).toBe(1);
  },
);

test("a PATCH on a warm socket that dies is not sent again by the pool", async () => {
  let requests = 0;
  const upstream = await startUpstream((_request, response, raw) => {
    requests++;
    if (requests === 1) json(response, 200, referralDocument);
    else raw.socket.resetAndDestroy();
  });
  const client = clientOf(upstream.origin, { connections: 1 });
  await client.patchReferral(input);
  const error = await rejection(client.patchReferral(input));
  expect(error).toMatchObject({ kind: "unknownOutcome", wasSent: true, isEffectUncertain: true });
  expect(requests).toBe(2);
});

const unreadable: { name: string; answer: string }[] = [
  { name: "cut off by length", answer: `${head}Content-Length: 9999\r\n\r\n${whole}` },
  {
    name: "cut off in a chunk",
    answer: `${head}Transfer-Encoding: chunked\r\n\r\nffff\r\n${whole.slice(0, 40)}`,
  },
  { name: "half of the JSON", answer: `${head}Content-Length: 40\r\n\r\n${whole.slice(0, 40)}` },
  { name: "a page of a proxy", answer: `${head}Content-Length: 6\r\n\r\n<html>` },
  { name: "empty", answer: `${head}Content-Length: 0\r\n\r\n` },
  { name: "null", answer: `${head}Content-Length: 4\r\n\r\nnull` },
  { name: "too large", answer: `${head}Content-Length: 99999999\r\n\r\n${whole}` },
];

test.each(unreadable)(
  "a PATCH answered 200 with a body that is $name was applied",
  async ({ answer }) => {
    const origin = await startTcp((socket) => onceRequested(socket, () => socket.end(answer)));
    const applied = await clientOf(origin).patchReferral(input);
    expect(applied).toMatchObject({ referral: undefined, etag: '"after"', call: { status: 200 } });
  },
);

test.each(unreadable)(
  "a GET answered 200 with a body that is $name fails",
  async ({ name, answer }) => {
    const origin = await startTcp((socket) => onceRequested(socket, () => socket.end(answer)));
    const error = await rejection(clientOf(origin).getReferral(REFERRAL_ID));
    const kind = name.startsWith("cut off") ? "transient" : "protocol";
    expect(error).toMatchObject({ kind, status: 200, wasSent: true });
  },
);

test("204 is an applied PATCH without a representation", async () => {
  const upstream = await startUpstream((_request, response) =>
    response.writeHead(204, { etag: '"v2"' }).end(),
  );
  const answer = await clientOf(upstream.origin).patchReferral(input);
  expect(answer).toMatchObject({ referral: undefined, etag: '"v2"', call: { status: 204 } });
});

test("a PATCH only accepted (202) has an unknown outcome", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(202).end());
  const error = await rejection(clientOf(upstream.origin).patchReferral(input));
  expect(error).toMatchObject({ kind: "unknownOutcome", status: 202, isEffectUncertain: true });
});

test("another referral's representation is not taken for this one's", async () => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, { ...referralDocument, id: "another" }),
  );
  const client = clientOf(upstream.origin);
  expect((await client.patchReferral(input)).referral).toBeUndefined();
  expect(await rejection(client.getReferral(REFERRAL_ID))).toMatchObject({ kind: "protocol" });
});

test("what is no HTTP is a protocol failure for a read, an unknown outcome for a write", async () => {
  const origin = await startTcp((socket) =>
    onceRequested(socket, () => socket.end("hello\r\n\r\n")),
  );
  const client = clientOf(origin);
  expect(await rejection(client.getReferral(REFERRAL_ID))).toMatchObject({ kind: "protocol" });
  expect(await rejection(client.patchReferral(input))).toMatchObject({ kind: "unknownOutcome" });
});

test("an unasked-for 1xx is passed over", async () => {
  const answer = `HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: ${whole.length}\r\n\r\n${whole}`;
  const origin = await startTcp((socket) => onceRequested(socket, () => socket.end(answer)));
  expect((await clientOf(origin).getReferral(REFERRAL_ID)).call.status).toBe(200);
});

test("a silent upstream: the time limit makes a read transient and a write's outcome unknown", async () => {
  const origin = await startTcp(() => {});
  const client = clientOf(origin);
  expect(await rejection(client.getReferral(REFERRAL_ID, { timeoutMs: 80 }))).toMatchObject({
    kind: "transient",
    code: "TIMEOUT",
  });
  const options = { timeoutMs: ENOUGH_TO_SEND_MS };
  expect(await rejection(client.patchReferral(input, options))).toMatchObject({
    kind: "unknownOutcome",
    code: "TIMEOUT",
    wasSent: true,
  });
});

test("a TLS handshake that never ends is bounded, and nothing was sent", async () => {
  const origin = (await startTcp(() => {})).replace("http:", "https:");
  const error = await rejection(clientOf(origin, { timeoutMs: 80 }).patchReferral(input));
  expect(error).toMatchObject({ kind: "transient", wasSent: false, isEffectUncertain: false });
});

test("a body that trickles for ever is bounded by the same limit", async () => {
  const origin = await startTcp((socket) =>
    onceRequested(socket, () => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      const trickle = setInterval(() => socket.write("1\r\n \r\n"), 5);
      socket.on("close", () => clearInterval(trickle));
    }),
  );
  const client = clientOf(origin);
  const options = { timeoutMs: ENOUGH_TO_SEND_MS };
  expect(await rejection(client.getReferral(REFERRAL_ID, options))).toMatchObject({
    kind: "transient",
    status: 200,
  });
  // The status had already said it: applied.
  expect(await client.patchReferral(input, options)).toMatchObject({ referral: undefined });
});

test("an endless body is cut at the size limit", async () => {
  const origin = await startTcp((socket) =>
    onceRequested(socket, () => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
      const pump = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", pump);
      pump();
    }),
  );
  const client = clientOf(origin, { maxResponseBytes: 300_000 });
  expect(await rejection(client.getReferral(REFERRAL_ID))).toMatchObject({
    kind: "protocol",
    code: "RESPONSE_TOO_LARGE",
  });
  expect(await client.patchReferral(input)).toMatchObject({ referral: undefined });
});

test("an abort before anything was sent leaves no doubt", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const signal = AbortSignal.abort(new Error("the caller's own words"));
  const error = await rejection(clientOf(upstream.origin).patchReferral(input, { signal }));
  expect(error).toMatchObject({ name: "AbortError", wasSent: false, isEffectUncertain: false });
  expect(upstream.requests).toHaveLength(0);
});

test.each(["PATCH", "GET"])("an abort of a %s after it was sent", async (method) => {
  const controller = new AbortController();
  // The upstream never answers; the caller gives up once the request has arrived.
  const origin = await startTcp((socket) => onceRequested(socket, () => controller.abort()));
  const client = clientOf(origin);
  const options = { signal: controller.signal };
  const call =
    method === "PATCH"
      ? client.patchReferral(input, options)
      : client.getReferral(REFERRAL_ID, options);
  expect(await rejection(call)).toMatchObject(
    method === "PATCH"
      ? { kind: "unknownOutcome", wasSent: true, isEffectUncertain: true }
      : { name: "AbortError", wasSent: true, isEffectUncertain: false },
  );
});

test.each(["TIMEOUT", "abort"])(
  "a PATCH that ended by %s while waiting for a socket is never sent later",
  async (how) => {
    let releaseFirst = () => {};
    const firstArrived = Promise.withResolvers<void>();
    const upstream = await startUpstream((_request, response) => {
      if (upstream.requests.length > 1) return response.writeHead(204).end();
      releaseFirst = () => response.writeHead(204).end();
      firstArrived.resolve();
    });
    const client = clientOf(upstream.origin, { connections: 1 });
    const first = client.patchReferral({ ...input, requestId: "first" });
    await firstArrived.promise;

    const controller = new AbortController();
    // Right after beforeSend the call stands in line for the socket.
    const beforeSend = () => {
      setImmediate(() => controller.abort());
    };
    const options = how === "abort" ? { signal: controller.signal, beforeSend } : { timeoutMs: 50 };
    const second = rejection(client.patchReferral({ ...input, requestId: "second" }, options));
    // Only once it stands in line for the socket.
    setImmediate(() => controller.abort());
    expect(await second).toMatchObject({ wasSent: false, isEffectUncertain: false });

    releaseFirst();
    await first;
    await client.patchReferral({ ...input, requestId: "third" });
    const arrived = upstream.requests.map((request) => request.headers["request-id"]);
    expect(arrived).toEqual(["first", "third"]);
  },
);
