import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MOST_STREAMS_OF_CALLER } from "../../src/graphql/event-stream-limits.ts";
import { UPDATE } from "../support/documents.ts";
import { post } from "../support/listening.ts";
import { serve } from "../support/serving.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { connectTo } from "../support/upload-server.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

test("who leaves before a subscription has begun takes no room among one's streams", async () => {
  const { queue } = stack.services;
  const { promise: allHaveLeft, resolve: letGoOn } = Promise.withResolvers<void>();
  let waiting = 0;
  const get: typeof queue.ledger.get = async (id) => {
    waiting += 1;
    await allHaveLeft;
    return queue.ledger.get(id);
  };
  const ledger = { get } as unknown as typeof queue.ledger;
  const services = { ...stack.services, queue: { ...queue, ledger } };
  const accepted = await post(await serve(stack), UPDATE, {
    input: { referralId: "r-1", changes: { name: "a" }, waitMs: 0 },
  });
  const { id } = (accepted as { data: { updateReferral: { update: { id: string } } } }).data
    .updateReferral.update;
  const origin = await serve({ ...stack, services });
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const body = JSON.stringify({
    query: `subscription { referralUpdateChanged(id: "${id}") { id } }`,
  });
  const head = Object.entries({ ...headers, host: "127.0.0.1", "content-length": body.length });
  const request = `POST /graphql HTTP/1.1\r\n${head.map((pair) => `${pair.join(": ")}\r\n`).join("")}\r\n${body}`;
  const sockets = await Promise.all(
    Array.from({ length: MOST_STREAMS_OF_CALLER }, () => connectTo(origin)),
  );
  for (const socket of sockets) {
    socket.write(request);
  }
  await expect.poll(() => waiting, { timeout: 20_000 }).toBe(MOST_STREAMS_OF_CALLER);
  await Promise.all(
    sockets.map((socket) => {
      socket.resetAndDestroy();
      return once(socket, "close");
    }),
  );
  for (let n = 0; n < 3; n++) {
    expect((await fetch(`${origin}/health/live`)).status).toBe(200); // by then their leaving was noticed
  }
  letGoOn();
  const leaving = new AbortController();
  await expect
    .poll(async () => {
      const { signal } = leaving;
      return (await fetch(`${origin}/graphql`, { method: "POST", headers, body, signal })).status;
    })
    .toBe(200);
  leaving.abort();
});
