import { tracingChannel } from "node:diagnostics_channel";
import { text } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { gatewayRig, send, sendGet } from "../support/gateway-rig.ts";
import { HOSTILE_BODIES, HOSTILE_DOCUMENTS, HOSTILE_VALUES } from "../support/hostile.ts";
import { chunk, connectTo, LAST_CHUNK } from "../support/upload-server.ts";

const rig = gatewayRig();
const accept = { accept: "application/graphql-response+json" };

/** How often GraphQL got to do something, from here to the end of the test. */
function count(what: "parse" | "validate"): () => number {
  let times = 0;
  const { start } = tracingChannel(`graphql:${what}`);
  const note = (): void => void times++;
  start.subscribe(note);
  onTestFinished(() => void start.unsubscribe(note));
  return () => times;
}

describe("a hostile document is refused before it is validated", () => {
  test.each(HOSTILE_DOCUMENTS)("$name", async ({ body, code }) => {
    const origin = await rig.start();
    const validations = count("validate");
    const answer = await send(origin, body);
    expect(answer).toMatchObject({ status: 400, code, body: { errors: [expect.anything()] } });
    expect(answer.text.length).toBeLessThan(500);
    expect(validations()).toBe(0);
    await send(origin, { query: "{ queue { waiting } }" });
    expect(validations()).toBe(1); // which shows that the count counts
  });
});

describe("a hostile body is refused before a document is parsed", () => {
  test.each(HOSTILE_BODIES)("$name", async ({ body, status = 400, code }) => {
    const origin = await rig.start();
    const parses = count("parse");
    expect(await send(origin, body)).toMatchObject({ status, code });
    expect(parses()).toBe(0);
  });

  test("10 MB that say nothing", async () => {
    const origin = await rig.start();
    const socket = await connectTo(origin);
    const answer = text(socket);
    socket.write(
      "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (let sent = 0; sent < 10; sent++) {
      socket.write(chunk("x".repeat(1_000_000)));
    }
    socket.write(LAST_CHUNK);
    expect(await answer).toMatch(/^HTTP\/1\.1 411 .*"code":"LENGTH_REQUIRED"/s);
  });
});

describe("hostile values are refused, nothing is executed", () => {
  test.each(HOSTILE_VALUES)("$name", async ({ body, code }) => {
    const origin = await rig.start({ INTROSPECTION: "true" });
    const answer = await send(origin, body, accept);
    expect(answer.status).toBe(400);
    expect(["GRAPHQL_VALIDATION_FAILED", code]).toContain(answer.code);
    expect(answer.body.data ?? null).toBeNull();
    expect(answer.body.errors?.length).toBeLessThanOrEqual(60);
    expect(answer.text.length).toBeLessThan(60_000);
  });
});

test("the same limits hold for GET", async () => {
  const origin = await rig.start();
  const deep = `${"{a".repeat(100)}${"}".repeat(100)}`;
  expect(await sendGet(origin, { query: deep })).toMatchObject({
    status: 400,
    code: "QUERY_TOO_DEEP",
  });
  const variables = `{"a":${"[".repeat(100)}${"]".repeat(100)}}`;
  expect(await sendGet(origin, { query: "{ queue { waiting } }", variables })).toMatchObject({
    status: 400,
    code: "VARIABLES_TOO_COMPLEX",
  });
  const rows = "{ bulkUpdates(first: 100) { nodes { items(first: 1000) { nodes { id } } } } }";
  expect(await sendGet(origin, { query: rows })).toMatchObject({ code: "QUERY_TOO_COMPLEX" });
  const long = await fetch(`${origin}/graphql?query=${"a".repeat(20_000)}`);
  expect(long.status).toBe(431);
});

test("a document that is known is still held to its cost with each request's variables", async () => {
  const origin = await rig.start();
  const query =
    "query ($n: Int) { bulkUpdates(first: $n) { nodes { items(first: $n) { totalCount nodes { id } } } } }";
  const parses = count("parse");
  for (const [n, code] of [
    [1, undefined],
    [1_000, "QUERY_TOO_COMPLEX"],
    [2, undefined],
  ] as const) {
    expect((await send(origin, { query, variables: { n } })).code).toBe(code);
  }
  expect(parses()).toBe(1);
});

test("an operation is held to its cost however it is named, or not", async () => {
  const origin = await rig.start();
  const rows = "{ bulkUpdates(first: 100) { nodes { items(first: 1000) { nodes { id } } } } }";
  for (const [query, operationName] of [
    [rows, undefined],
    [rows, null],
    [`query Rows ${rows}`, undefined],
    [`query Rows ${rows}`, null],
    [`query Rows ${rows} query Cheap { queue { waiting } }`, "Rows"],
  ]) {
    const { code } = await send(origin, { query, operationName });
    expect([query, operationName, code]).toEqual([query, operationName, "QUERY_TOO_COMPLEX"]);
  }
});

/** Sends hostile requests, each unlike the others, a few at a time; `onAnswer` is told of each. */
async function flood(
  origin: string,
  rounds: number,
  onAnswer: () => void = () => {},
): Promise<void> {
  const cases = [...HOSTILE_DOCUMENTS, ...HOSTILE_BODIES].filter(({ body }) => body.length < 2e5);
  const bodies = Array.from({ length: rounds }, (_, round) =>
    cases.map(({ body }) => body.replace('{"query":"', `{"query":"#${round}\\n`)),
  ).flat();
  const sender = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      const { status } = await send(origin, body);
      expect(status).toBe(400);
      onAnswer();
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
}

test("while hostile requests come in, others are answered in between", async () => {
  const origin = await rig.start();
  let isOver = false;
  await new Promise<void>((resolve, reject) => {
    const look = async (): Promise<void> => {
      const { status } = await fetch(`${origin}/health/live`);
      expect([status, isOver]).toEqual([200, false]);
    };
    let looking: Promise<void> | undefined;
    flood(origin, 6, () => {
      looking ??= look(); // as soon as the first of them is answered
    })
      .then(() => {
        isOver = true;
        return looking;
      })
      .then(resolve, reject);
  });
  expect(rig.upstreamRequests()).toBe(0);
});

test("hostile requests leave nothing in memory", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const origin = await rig.start();
  const heldAfter = async (rounds: number): Promise<number> => {
    await flood(origin, rounds);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heldAfter(1); // what is loaded and compiled once is by then
  const after = await heldAfter(8);
  expect(after - before).toBeLessThan(24 * 1_048_576);
});
