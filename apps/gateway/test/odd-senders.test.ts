import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gatewayRig } from "./support/gateway-rig.ts";
import { startIssuer } from "./support/issuer.ts";
import { serve } from "./support/serving.ts";
import { type Stack, startStack } from "./support/stack.ts";
import { connectTo } from "./support/upload-server.ts";

const rig = gatewayRig();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

/** Sends a byte now and then, until the connection is over, however it ends; answers what came back. */
async function trickle(origin: string, begin: string): Promise<string> {
  const socket = await connectTo(origin);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.write(begin);
  const timer = setInterval(() => socket.write("x"), 20);
  // Not `once` of node:events: a reset in the middle of our writing is an error for it, and an end for us.
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return answer;
}

describe("who holds a connection open by sending next to nothing is cut off", () => {
  test("in a request's head", async () => {
    const origin = await serve(stack, { patience: { headMs: 100 } });
    expect(await trickle(origin, "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ")).toMatch(
      /^HTTP\/1\.1 408 /,
    );
  });

  test.each([
    ["that was answered", "/health/live", 200],
    ["that was refused", "/nothing", 404],
  ])("in the body of a request %s", async (_name, path, status) => {
    const origin = await serve(stack, { patience: { restMs: 200 } });
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n`;
    expect(await trickle(origin, head)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

test("a connection is kept for longer than proxies keep theirs", async () => {
  const response = await fetch(`${await serve(stack)}/health/live`);
  const [, seconds] = /timeout=(\d+)/.exec(response.headers.get("keep-alive") ?? "") ?? [];
  expect(Number(seconds)).toBeGreaterThan(60);
});

test("a Host that is none is refused, and nothing of the program is told", async () => {
  const issuer = await startIssuer();
  const origin = await rig.start({ ...issuer.settings, GRAPHIQL: "true" });
  const token = await issuer.token();
  const hosts = [
    "a b",
    "%",
    "[",
    "x#",
    "x?",
    "x/y",
    "x\\",
    "u@x",
    "1.2.3.999",
    "x:99999",
    "[::::]",
    "",
  ];
  for (const host of hosts) {
    for (const more of [`Authorization: Bearer ${token}`, "Accept: text/html"]) {
      const socket = await connectTo(origin);
      socket.write(
        `GET /graphql?query=%7Bqueue%7Bwaiting%7D%7D HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n\r\n`,
      );
      const answer = await text(socket);
      expect([host, answer.slice(0, 12)]).toEqual([host, "HTTP/1.1 400"]);
      expect(answer).not.toContain("node_modules");
    }
  }
});

test.each(["localhost", "LOCALHOST:4000", "127.0.0.1:1", "[::1]:4000", "a-b.c_d.example"])(
  "%s is a Host",
  async (host) => {
    const socket = await connectTo(await serve(stack));
    socket.end(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  },
);
