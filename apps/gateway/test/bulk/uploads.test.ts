import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { IntakeLostError, LedgerUnavailableError } from "@patchlane/update-queue";
import { expect, test, vi } from "vitest";
import {
  answerOf,
  chunk,
  connectTo,
  KeptIntake,
  LAST_CHUNK,
  line,
  listenForUploads,
  uploadHead,
} from "../support/upload-server.ts";

/** For a busy machine. */
const PATIENCE = { timeout: 20_000, interval: 20 };

const NDJSON = "application/x-ndjson";
const lines = (count: number) => Array.from({ length: count }, (_, row) => line(row)).join("");

async function start(limits?: Parameters<typeof listenForUploads>[1]) {
  const intake = new KeptIntake();
  const origin = await listenForUploads(intake, limits);
  const send = async (
    body: string | Uint8Array<ArrayBuffer>,
    options: { query?: string; type?: string; headers?: Record<string, string> } = {},
  ) => {
    const { query = "", type = NDJSON, headers = {} } = options;
    const response = await fetch(`${origin}/bulk-updates${query}`, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body,
    });
    const answer = (await response.json()) as { id?: string; error?: Record<string, unknown> };
    return { status: response.status, headers: response.headers, ...answer };
  };
  return { intake, origin, send };
}

test("202 with the id once everything is committed, options and submitter kept", async () => {
  const { intake, send } = await start();
  const query =
    "?label=Night%20sync&dryRun=true&skipUnchanged=false&idempotencyKey=k-1&callbackUrl=https%3A%2F%2Fcrm.example%2Fdone";
  const answer = await send(lines(3), { query });
  expect(answer).toMatchObject({ status: 202, id: intake.bulkUpdateId });
  expect(answer.headers.get("location")).toContain(intake.bulkUpdateId);
  expect(intake.about).toEqual({
    label: "Night sync",
    isDryRun: true,
    skipUnchanged: false,
    idempotencyKey: "k-1",
    callbackUrl: "https://crm.example/done",
    submittedBy: "tester",
  });
  expect(intake.rows.map(({ referralId }) => referralId)).toEqual(["r-0", "r-1", "r-2"]);
  expect(intake.log).toEqual(["commit"]);
});

test.each([
  ["text/csv; charset=UTF-8", "referralId,name\nr-0,0\n"],
  ['text/csv;charset="utf-8"', "referralId,name\nr-0,0\n"],
  ["application/ndjson", line(0)],
  ["application/jsonl", line(0)],
  ["APPLICATION/X-NDJSON", line(0)],
])("takes %s", async (type, body) => {
  const { intake, send } = await start();
  expect(await send(body, { type })).toMatchObject({ status: 202 });
  expect(intake.rows).toMatchObject([{ referralId: "r-0", intent: { changes: { name: "0" } } }]);
  expect(intake.columns).toEqual(["referralId", "name"]);
});

test.each([
  ["?dryrun=true", '"dryrun" is not an option; expected dryRun'],
  ["?dryRun=yes", "dryRun: Expected true or false"],
  ["?label=a&label=b", "label is given twice"],
  [`?idempotencyKey=${"k".repeat(256)}`, "idempotencyKey: Expected 1 to 255 characters"],
  [`?label=${"l".repeat(256)}`, "label: Expected at most 255 characters"],
  ["?callbackUrl=http%3A%2F%2Fcrm.example", "callbackUrl: Expected https"],
])("the options %s are refused before anything is begun", async (query, message) => {
  const { intake, send } = await start();
  const answer = await send(lines(2), { query });
  expect(answer).toMatchObject({ status: 400, error: { code: "INVALID_OPTION", message } });
  expect(intake.about).toBe(undefined);
});

test.each([
  ["application/json", {}],
  ["text/plain", {}],
  ["multipart/form-data; boundary=x", {}],
  ["text/csv; charset=iso-8859-1", {}],
  [NDJSON, { "content-encoding": "br" }],
])("415 for %s %j", async (type, headers) => {
  const { intake, send } = await start();
  const answer = await send("x", { type, headers });
  expect(answer).toMatchObject({ status: 415, error: { code: "UNSUPPORTED_MEDIA_TYPE" } });
  expect(intake.about).toBe(undefined);
});

test("other methods are told which one there is", async () => {
  const { origin } = await start();
  const response = await fetch(`${origin}/bulk-updates`);
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
});

test("a refused header is answered with its place, to a sender that goes on sending", async () => {
  const { intake, origin } = await start({ maxBytes: 100_000_000 });
  const socket = await connectTo(origin);
  const answer = answerOf(socket);
  const head = uploadHead().replace(NDJSON, "text/csv");
  socket.write(head + chunk("referralId,nam\n"));
  for (let sent = 0; sent < 40; sent++) {
    socket.write(chunk("r-1,x\n".repeat(10_000)));
  }
  socket.write(LAST_CHUNK);
  expect(await answer).toMatch(/^HTTP\/1\.1 400 .*"code":"INVALID_HEADER".*"line":1,"column":2/s);
  expect(intake.log).toEqual(["discard"]);
});

test("too many bytes and too many rows are 413, and nothing of them stays", async () => {
  const { intake, send, origin } = await start({ maxBytes: 10_000, maxRows: 5 });
  const announced = await send("x".repeat(10_001));
  expect(announced).toMatchObject({ status: 413, error: { code: "PAYLOAD_TOO_LARGE" } });
  expect(intake.about).toBe(undefined);
  const rows = await send(lines(6));
  expect(rows).toMatchObject({ status: 413, error: { code: "TOO_MANY_ROWS", row: 6 } });
  const bomb = gzipSync("\n".repeat(5_000_000));
  const unpacked = await send(new Uint8Array(bomb), { headers: { "content-encoding": "gzip" } });
  expect(unpacked).toMatchObject({ status: 413, error: { code: "PAYLOAD_TOO_LARGE" } });
  const socket = await connectTo(origin);
  socket.write(uploadHead() + chunk("\n".repeat(10_001)) + LAST_CHUNK);
  expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 413 /);
  expect(intake.log).toEqual(["discard", "discard", "discard"]);
  expect(await send(lines(5))).toMatchObject({ status: 202 });
});

test("gzip is read; broken, cut or missing gzip is refused", async () => {
  const { intake, send } = await start();
  const headers = { "content-encoding": "gzip" };
  const packed = new Uint8Array(gzipSync(lines(100)));
  expect(await send(packed, { headers })).toMatchObject({ status: 202 });
  expect(intake.rows.length).toBe(100);
  const packedDigest = intake.digest;
  await send(lines(100));
  expect(intake.digest).toBe(packedDigest);
  const cut = await send(packed.subarray(0, packed.length - 9), { headers });
  expect(cut).toMatchObject({ status: 400, error: { code: "TRUNCATED" } });
  const none = await send(lines(3), { headers });
  expect(none).toMatchObject({ status: 400, error: { code: "INVALID_ENCODING" } });
});

test("an empty body is refused", async () => {
  const { intake, send } = await start();
  expect(await send("")).toMatchObject({ status: 400, error: { code: "EMPTY_INPUT" } });
  expect(intake.log).toEqual(["discard"]);
});

test("the sender is held back while a batch is not taken, and its bytes pile up nowhere", async () => {
  const { intake, origin } = await start({ maxBytes: 100_000_000, maxRows: 1_000_000 });
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  intake.onAdd = () => gate;
  const socket = await connectTo(origin);
  const answer = answerOf(socket);
  socket.write(uploadHead("", ["Connection: close"]));
  const long = JSON.stringify({ referralId: "r", changes: { name: "x".repeat(5_000) } });
  const body = chunk(`${long}\n`.repeat(10));
  // Far more than all buffers on the way hold together.
  for (let sent = 0; sent < 600; sent++) {
    socket.write(body);
  }
  socket.write(LAST_CHUNK);
  await vi.waitFor(async () => {
    const before = socket.bytesWritten - socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(socket.bytesWritten - socket.writableLength).toBe(before);
  }, PATIENCE);
  expect(socket.writableLength).toBeGreaterThan(1_000_000);
  expect(intake.rows.length).toBe(0);
  open();
  expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
  expect(intake.rows.length).toBe(6_000);
});

test("a connection that is lost in the middle leaves nothing, or what its key can resume", async () => {
  for (const [query, left] of [
    ["", ["discard"]],
    ["?idempotencyKey=k", []],
  ] as const) {
    const { intake, origin } = await start();
    const socket = await connectTo(origin);
    socket.write(uploadHead(query) + chunk(lines(600)));
    await vi.waitFor(() => expect(intake.rows.length).toBeGreaterThan(0), PATIENCE);
    const gone = once(socket, "close");
    socket.destroy();
    await gone;
    await vi.waitFor(() => expect(intake.log).toEqual(left), PATIENCE);
  }
});

test("who falls silent is cut off, who is slow is not", async () => {
  const { intake, origin } = await start({ silenceMs: 1_500 });
  const silent = await connectTo(origin);
  silent.write(uploadHead() + chunk(line(0)));
  const slow = await connectTo(origin);
  const answer = answerOf(slow);
  slow.write(uploadHead("", ["Connection: close"]));
  const cutOff = once(silent, "close");
  const pieces = [...chunk(line(1))];
  const drip = setInterval(() => slow.write(pieces.shift() ?? ""), 100);
  await cutOff;
  clearInterval(drip);
  slow.write(pieces.join("") + LAST_CHUNK);
  expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
  expect(intake.rows).toMatchObject([{ referralId: "r-1" }]);
});

test("Expect: 100-continue is answered when the body is wanted, and by the refusal when it is not", async () => {
  const { intake, origin } = await start();
  const socket = await connectTo(origin);
  const answer = answerOf(socket);
  socket.write(uploadHead("", ["Expect: 100-continue", "Connection: close"]));
  const [first] = (await once(socket, "data")) as [Buffer];
  expect(String(first)).toMatch(/^HTTP\/1\.1 100 Continue/);
  socket.write(chunk(line(0)) + LAST_CHUNK);
  expect(await answer).toMatch(/HTTP\/1\.1 202 /);
  expect(intake.rows.length).toBe(1);
  const refused = await connectTo(origin);
  refused.write(uploadHead("?dryRun=maybe", ["Expect: 100-continue"]));
  expect(await answerOf(refused)).toMatch(/^HTTP\/1\.1 400 /);
});

test("a Redis that is away is 503 with Retry-After; who was taken over is told so", async () => {
  const { intake, send } = await start();
  intake.onBegin = () => Promise.reject(new LedgerUnavailableError("away"));
  const away = await send(lines(10));
  expect(away).toMatchObject({ status: 503, error: { code: "SERVICE_UNAVAILABLE" } });
  expect(away.headers.get("retry-after")).toBe("1");
  intake.onBegin = async () => ({ kind: "open", intake });
  intake.onAdd = () => Promise.reject(new LedgerUnavailableError("away"));
  expect(await send(lines(10))).toMatchObject({ status: 503 });
  intake.onAdd = () => Promise.reject(new IntakeLostError("taken over"));
  expect(await send(lines(10))).toMatchObject({ status: 409, error: { code: "TAKEN_OVER" } });
  intake.onAdd = () => Promise.reject(new Error("secret"));
  const broken = await send(lines(10));
  expect(broken).toMatchObject({ status: 500, error: { code: "INTERNAL_SERVER_ERROR" } });
  expect(JSON.stringify(broken.error)).not.toContain("secret");
});

test("a key that was used: the same input is the same bulk update, any other is a mismatch", async () => {
  const { intake, send } = await start();
  const query = "?idempotencyKey=k";
  await send(lines(10), { query });
  const earlier = {
    kind: "earlier",
    bulkUpdateId: "blk_earlier",
    inputDigest: intake.digest,
  } as const;
  intake.onBegin = async () => earlier;
  expect(await send(lines(10), { query })).toMatchObject({ status: 202, id: "blk_earlier" });
  const mismatch = { status: 409, error: { code: "IDEMPOTENCY_MISMATCH" } };
  expect(await send(lines(11), { query })).toMatchObject(mismatch);
  expect(await send(lines(10), { query: `${query}&dryRun=true` })).toMatchObject(mismatch);
  expect(await send(lines(10), { query: `${query}&label=x` })).toMatchObject(mismatch);
  expect(await send(lines(10), { query, type: "text/csv" })).toMatchObject(mismatch);
  expect(intake.log).toEqual(["commit"]);
});
