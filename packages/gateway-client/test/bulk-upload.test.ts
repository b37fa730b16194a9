import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createGatewayClient } from "../src/index.ts";
import { type Answer, bodyOf, fakeGateway, json } from "./support/fake-gateway.ts";

const accepted = json(202, { id: "blk_9" });

test("rows, options and format reach the gateway", async () => {
  const seen: unknown[] = [];
  const url = await fakeGateway(async (request, response) => {
    seen.push(request.method, request.url, request.headers["content-type"], await bodyOf(request));
    await accepted(request, response);
  });
  const client = createGatewayClient({ url });
  const result = await client.uploadBulkUpdate({
    body: "referralId,name\nr-1,Ünïcode\n",
    format: "csv",
    label: "a & b",
    dryRun: true,
    skipUnchanged: false,
    idempotencyKey: "night 1",
  });
  expect(result).toEqual({ kind: "accepted", id: "blk_9" });
  expect(seen).toEqual([
    "POST",
    "/bulk-updates?label=a+%26+b&dryRun=true&skipUnchanged=false&idempotencyKey=night+1",
    "text/csv; charset=utf-8",
    "referralId,name\nr-1,Ünïcode\n",
  ]);
});

test("rows are read no faster than the gateway takes them", async () => {
  const PIECE = 64 * 1024;
  const PIECES = 2_000;
  let read = 0;
  async function* rows(): AsyncGenerator<Uint8Array> {
    for (; read < PIECES; read += 1) {
      yield Buffer.alloc(PIECE, "x");
    }
  }
  const { promise: isStalled, resolve: stalled } = Promise.withResolvers<number>();
  let received = 0;
  const url = await fakeGateway(async (request, response) => {
    // Nothing is taken until the sender has stood still for a while.
    let before = -1;
    const timer = setInterval(() => {
      if (read === before) {
        clearInterval(timer);
        stalled(read);
      }
      before = read;
    }, 200);
    await isStalled;
    received = (await bodyOf(request)).length;
    await accepted(request, response);
  });
  const result = await createGatewayClient({ url }).uploadBulkUpdate({
    body: rows(),
    format: "csv",
  });
  expect(await isStalled).toBeLessThan(PIECES / 2);
  expect(received).toBe(PIECE * PIECES);
  expect(result.kind).toBe("accepted");
});

test("compressed on the way when asked", async () => {
  let body = "";
  const url = await fakeGateway(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    body = `${request.headers["content-encoding"]}: ${gunzipSync(Buffer.concat(chunks))}`;
    await accepted(request, response);
  });
  const client = createGatewayClient({ url });
  await client.uploadBulkUpdate({ body: ['{"a":', "1}\n"], format: "ndjson", gzip: "compress" });
  expect(body).toBe('gzip: {"a":1}\n');
});

test.each([400, 409, 413, 415])("a refusal (%i) is a value with its reason", async (status) => {
  const error = { code: "BAD_HEADER", message: 'line 1: unknown column "dealvalue"' };
  const url = await fakeGateway(json(status, { error: { ...error, line: 1, column: 2 } }));
  const client = createGatewayClient({ url });
  expect(await client.uploadBulkUpdate({ body: "dealvalue\n1\n", format: "csv" })).toEqual({
    kind: "refused",
    status,
    ...error,
    place: { line: 1, column: 2 },
  });
});

test("a refusal that comes before everything was sent is heard, and the rows are let go", async () => {
  let isReleased = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield "x".repeat(65_536);
      }
    } finally {
      isReleased = true;
    }
  }
  const url = await fakeGateway((request, response) => {
    request.once("data", () => {
      const error = { code: "UNKNOWN_COLUMN", message: "line 1: unknown column" };
      response.writeHead(400, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify({ error }));
      request.resume();
    });
  });
  const client = createGatewayClient({ url });
  expect(await client.uploadBulkUpdate({ body: endless(), format: "csv" })).toMatchObject({
    kind: "refused",
    code: "UNKNOWN_COLUMN",
  });
  await expect.poll(() => isReleased).toBe(true);
});

const cut: Answer = (request) => void request.once("data", () => request.socket.destroy());

test("with an idempotency key a lost upload is sent anew from the start", async () => {
  const bodies: string[] = [];
  const url = await fakeGateway(cut, async (request, response) => {
    bodies.push(await bodyOf(request));
    await accepted(request, response);
  });
  let opened = 0;
  const client = createGatewayClient({ url });
  const result = await client.uploadBulkUpdate({
    body: () => {
      opened += 1;
      return ["referralId\n", "r-1\n"];
    },
    format: "csv",
    idempotencyKey: "night",
  });
  expect(result).toEqual({ kind: "accepted", id: "blk_9" });
  expect({ opened, bodies }).toEqual({ opened: 2, bodies: ["referralId\nr-1\n"] });
});

test("without a key it is not: that could make two bulk updates", async () => {
  const url = await fakeGateway(cut, accepted);
  const upload = createGatewayClient({ url }).uploadBulkUpdate({
    body: () => "referralId\nr-1\n",
    format: "csv",
  });
  await expect(upload).rejects.toMatchObject({ name: "GatewayUnreachableError" });
});

test("what goes wrong with the source is what is thrown", async () => {
  const url = await fakeGateway(async (request) => void request.resume());
  const broken = new Error("the disk is gone");
  async function* rows(): AsyncGenerator<string> {
    yield "referralId\n";
    throw broken;
  }
  const upload = createGatewayClient({ url }).uploadBulkUpdate({ body: rows(), format: "csv" });
  await expect(upload).rejects.toBe(broken);
});
