import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../support/serving.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { connectTo } from "../support/upload-server.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const head = (length: number) =>
  `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

test("who sends a request too slowly is told so and cut off, again and again", async () => {
  const origin = await serve(stack, { longestArrivalMs: 50 });
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = await connectTo(origin);
      const answer = text(socket);
      socket.write(`${head(100)}{"query":`);
      return answer; // comes to its end when the connection does
    }),
  );
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"code":"REQUEST_TIMEOUT"/s);
  }
  expect(stack.logged).toEqual([]);
});

test("who goes away in the middle of a request is no trouble to anybody", async () => {
  const origin = await serve(stack);
  for (let n = 0; n < 5; n++) {
    const socket = await connectTo(origin);
    await new Promise<void>((resolve) => {
      socket.write(`${head(100)}{"query":`, () => resolve());
    });
    socket.resetAndDestroy();
  }
  expect((await fetch(`${origin}/health/live`)).status).toBe(200);
  expect(stack.logged).toEqual([]);
});
