import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSchema, createYoga, type YogaInitialContext } from "graphql-yoga";
import { expect, onTestFinished, test } from "vitest";
import { maskError } from "../../src/errors.ts";
import {
  limitEventStreams,
  MOST_STREAMS,
  MOST_STREAMS_OF_CALLER,
} from "../../src/graphql/event-stream-limits.ts";

/** Something to subscribe to that goes on until `end` is called for it, is refused, or fails. */
function startStreams(most: { ofCaller: number; ofAll: number }) {
  const ends = new Map<string, () => void>();
  let started = 0;
  const schema = createSchema<YogaInitialContext & { caller: { subject: string } }>({
    typeDefs: "type Query { a: Int } type Subscription { tick(id: ID!): Int, fail: Int }",
    resolvers: {
      Subscription: {
        tick: {
          subscribe: async function* (_root: unknown, { id }: { id: string }) {
            started += 1;
            yield { tick: 1 };
            await new Promise<void>((resolve) => {
              ends.set(id, resolve);
            });
          },
        },
        fail: {
          subscribe: () => {
            throw new Error("no stream");
          },
        },
      },
    },
  });
  const yoga = createYoga({
    schema,
    context: ({ request }) => ({ caller: { subject: request.headers.get("x-caller") ?? "a" } }),
    maskedErrors: { maskError },
    plugins: [limitEventStreams(most)],
    logging: false,
  });
  return {
    yoga /** Ends a stream that waits; answers whether there was one. */,
    end: (id: string): boolean => {
      ends.get(id)?.();
      return ends.has(id);
    },
    started: () => started,
  };
}

async function listen(most: { ofCaller: number; ofAll: number }) {
  const streams = startStreams(most);
  const server = createServer(streams.yoga).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = async (id: string, caller = "a") => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const response = await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "text/event-stream",
        "x-caller": caller,
      },
      body: JSON.stringify({
        query: "subscription ($id: ID!) { tick(id: $id) }",
        variables: { id },
      }),
      signal: leaving.signal,
    });
    return { response, leave: () => leaving.abort() };
  };
  /** Tries until it is let in: what ends a stream takes a moment to arrive. */
  const untilOpen = (id: string, caller?: string) =>
    expect.poll(async () => (await open(id, caller)).response.status).toBe(200);
  return { ...streams, origin, open, untilOpen };
}

const TOO_MANY = { errors: [{ extensions: { code: "TOO_MANY_STREAMS", retryAfterMs: 5_000 } }] };

/** The data of the first `next` event, and what came with it. */
async function refusalOf(response: Response) {
  const [, data = "{}"] = /^data: (.*)$/m.exec(await response.text()) ?? [];
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    body: JSON.parse(data),
  };
}

test("a caller's streams are limited; another caller has its own", async () => {
  const { open, started } = await listen({ ofCaller: 2, ofAll: 10 });
  const statuses = [await open("1"), await open("2")].map(({ response }) => response.status);
  expect(statuses).toEqual([200, 200]);
  const refused = await refusalOf((await open("3")).response);
  expect(refused).toMatchObject({ status: 429, retryAfter: "5", body: TOO_MANY });
  expect((await open("4", "b")).response.status).toBe(200);
  await expect.poll(started).toBe(3); // nothing was begun for the one that was refused
});

test("all callers' streams together are limited", async () => {
  const { open } = await listen({ ofCaller: 10, ofAll: 2 });
  await Promise.all([open("1", "a"), open("2", "b")]);
  const refused = await refusalOf((await open("3", "c")).response);
  expect(refused).toMatchObject({ status: 503, retryAfter: "5", body: TOO_MANY });
});

test("those that come at once are no more than those one after the other", async () => {
  const { open } = await listen({ ofCaller: 3, ofAll: 10 });
  const opened = await Promise.all(Array.from({ length: 20 }, (_, n) => open(String(n))));
  expect(opened.filter(({ response }) => response.status === 200)).toHaveLength(3);
});

test("a stream that ended makes room", async () => {
  const { open, end, untilOpen } = await listen({ ofCaller: 1, ofAll: 1 });
  const { response } = await open("1");
  const events = response.text();
  await expect.poll(() => end("1")).toBe(true);
  expect(await events).toContain("event: complete");
  await untilOpen("2");
});

test("a stream that was left makes room", async () => {
  const { open, untilOpen } = await listen({ ofCaller: 1, ofAll: 1 });
  const first = await open("1");
  expect((await open("2")).response.status).toBe(429);
  first.leave();
  await untilOpen("3");
});

test("one that never began takes no room", async () => {
  const { origin, open } = await listen({ ofCaller: 1, ofAll: 1 });
  for (let n = 0; n < 3; n++) {
    await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: "subscription { fail }" }),
    }).then((response) => response.text());
  }
  expect((await open("1")).response.status).toBe(200);
});

test("the gateway has room for the pages of one caller and the callers of one process", () => {
  expect(MOST_STREAMS_OF_CALLER).toBeGreaterThanOrEqual(100);
  expect(MOST_STREAMS).toBeGreaterThanOrEqual(10 * MOST_STREAMS_OF_CALLER);
});
