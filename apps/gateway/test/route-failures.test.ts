import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { at, type Route } from "../src/http/route.ts";
import { createGatewayServer, type Patience } from "../src/http-server.ts";
import { TESTER } from "./support/stack.ts";
import { connectTo } from "./support/upload-server.ts";

async function listen(
  serve: Extract<Route, { access: "open" }>["serve"],
  patience: Partial<Patience> = {},
) {
  const told: [error: unknown, requestId: string][] = [];
  const server = createGatewayServer({
    routes: [{ name: "a", matches: at("/a"), access: "open", serve }],
    signIn: async () => TESTER,
    onFailure: (...failure) => void told.push(failure),
    patience,
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a` };
}

const error = new Error("secret@example.com is not here");

test("a route that fails is answered for, and told with the request's id", async () => {
  const { told, url } = await listen(() => Promise.reject(error));
  const response = await fetch(url, { method: "POST", body: "a body nobody reads" });
  expect([response.status, await response.json()]).toEqual([
    500,
    { error: { code: "INTERNAL_SERVER_ERROR", message: "Internal error" } },
  ]);
  expect(told).toEqual([[error, response.headers.get("x-request-id")]]);
});

test("an answer that cannot be gone on with is cut off, so that nobody takes it for whole", async () => {
  const { told, url } = await listen(async (_request, response) => {
    response.writeHead(200).write("the first half");
    throw error;
  });
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  expect(told).toHaveLength(1);
});

test("somebody who left is no failure", async () => {
  const { promise: hasFailed, resolve } = Promise.withResolvers<void>();
  const leaving = new AbortController();
  const { told, url } = await listen(async (request) => {
    leaving.abort();
    await once(request.socket, "close");
    resolve();
    throw error;
  });
  const answer = fetch(url, { signal: leaving.signal }).catch(() => "left");
  expect(await answer).toBe("left");
  await hasFailed;
  expect((await fetch(url.replace("/a", "/b"))).status).toBe(404);
  expect(told).toEqual([]);
});

test("who takes nothing of an answer is cut off", async () => {
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  const endless = Readable.from(
    (function* () {
      for (;;) {
        yield Buffer.alloc(65_536);
      }
    })(),
  );
  const { url } = await listen(
    async (_request, response) => {
      response.once("close", resolve);
      endless.pipe(response);
    },
    { stillMs: 300 },
  );
  const socket = await connectTo(new URL(url).origin);
  socket.pause();
  socket.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  await isOver;
  endless.destroy();
});
