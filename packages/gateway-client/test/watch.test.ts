import { expect, test } from "vitest";
import {
  createGatewayClient,
  GatewayGraphqlError,
  GatewayUnauthenticatedError,
} from "../src/index.ts";
import { type Answer, events, fakeGateway, json } from "./support/fake-gateway.ts";
import { bulkUpdate } from "./support/sample.ts";

const changed = (more: Parameters<typeof bulkUpdate>[0]) => ({
  bulkUpdateChanged: bulkUpdate(more),
});
const running = (applied: number) => changed({ counts: { applied, queued: 10 - applied } });
const done = changed({ state: "COMPLETED", counts: { applied: 10 } });

async function watch(url: string): Promise<{ applied: number[]; interruptions: number }> {
  const applied: number[] = [];
  let interruptions = 0;
  const onInterrupted = () => {
    interruptions += 1;
  };
  const client = createGatewayClient({ url });
  for await (const { counts } of client.watchBulkUpdate("blk_1", { onInterrupted })) {
    applied.push(counts.applied);
  }
  return { applied, interruptions };
}

test("everything up to completion, over one connection", async () => {
  const url = await fakeGateway(events([running(0), running(4), done], "complete"));
  expect(await watch(url)).toEqual({ applied: [0, 4, 10], interruptions: 0 });
});

test.each([
  ["cut", events([running(0), running(3)], "cut")],
  ["closed without a word", events([running(0), running(3)], "close")],
  ["completed though the bulk update is not over", events([running(0), running(3)], "complete")],
])("a stream that is %s is opened again and goes on", async (_how, first) => {
  const url = await fakeGateway(first, events([running(7), done], "complete"));
  expect(await watch(url)).toEqual({ applied: [0, 3, 7, 10], interruptions: 1 });
});

test("a gateway that restarts is waited for", async () => {
  const cut: Answer = (request) => void request.socket.destroy();
  const url = await fakeGateway(
    events([running(1)], "cut"),
    cut,
    json(503, { error: { code: "SERVICE_UNAVAILABLE", message: "starting" } }),
    events([done], "complete"),
  );
  expect(await watch(url)).toEqual({ applied: [1, 10], interruptions: 3 });
});

test("cancelled is over only when no row is on its way any more", async () => {
  const url = await fakeGateway(
    events([changed({ state: "CANCELLED", counts: { sending: 1, applied: 1 } })], "complete"),
    events([changed({ state: "CANCELLED", counts: { applied: 2 } })], "complete"),
  );
  expect(await watch(url)).toEqual({ applied: [1, 2], interruptions: 1 });
});

test("what trying again cannot help ends the watch at once", async () => {
  const denied = json(401, { error: { code: "UNAUTHENTICATED", message: "no token" } });
  await expect(watch(await fakeGateway(denied))).rejects.toBeInstanceOf(
    GatewayUnauthenticatedError,
  );
  const unsigned = { message: "no token", extensions: { code: "UNAUTHENTICATED" } };
  const inGraphql = json(401, { errors: [unsigned] });
  await expect(watch(await fakeGateway(inGraphql))).rejects.toMatchObject({
    name: "GatewayUnauthenticatedError",
    message: "no token",
  });
  const refused: Answer = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    const errors = [{ message: "no such bulk update", extensions: { code: "NOT_FOUND" } }];
    response.end(`event: next\ndata: ${JSON.stringify({ errors })}\n\nevent: complete\n\n`);
  };
  await expect(watch(await fakeGateway(refused))).rejects.toBeInstanceOf(GatewayGraphqlError);
});

test("a gateway that stays away is given up after the patience is over", async () => {
  const url = await fakeGateway(
    events([running(1)], "cut"),
    (request) => void request.socket.destroy(),
  );
  const seen: number[] = [];
  const run = async () => {
    const options = { patienceMs: 1 };
    for await (const { counts } of createGatewayClient({ url }).watchBulkUpdate("b", options)) {
      seen.push(counts.applied);
    }
  };
  await expect(run()).rejects.toMatchObject({ name: "GatewayUnreachableError" });
  expect(seen).toEqual([1]);
});

test("quiet is not away: a stream that was alive until it broke is opened again, however long ago its last value was", async () => {
  const patienceMs = 1_000;
  const quiet: Answer = async (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`event: next\ndata: ${JSON.stringify({ data: running(1) })}\n\n`);
    const end = performance.now() + patienceMs + 200;
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      response.write(":\n\n");
    }
    response.socket?.end(() => response.socket?.destroy());
  };
  const url = await fakeGateway(quiet, events([done], "complete"));
  const seen: number[] = [];
  const watching = createGatewayClient({ url }).watchBulkUpdate("blk_1", { patienceMs });
  for await (const { counts } of watching) {
    seen.push(counts.applied);
  }
  expect(seen).toEqual([1, 10]);
});

test("somebody who takes long over a value has not lost the gateway", async () => {
  const url = await fakeGateway(events([running(1)], "cut"), events([done], "complete"));
  const seen: number[] = [];
  const options = { patienceMs: 200 };
  for await (const { counts } of createGatewayClient({ url }).watchBulkUpdate("blk_1", options)) {
    seen.push(counts.applied);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(seen).toEqual([1, 10]);
});

test("whoever stops watching closes the connection", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const endless: Answer = (request, response) => {
    request.resume();
    response.once("close", () => resolve());
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`event: next\ndata: ${JSON.stringify({ data: running(1) })}\n\n`);
  };
  const url = await fakeGateway(endless);
  for await (const _ of createGatewayClient({ url }).watchBulkUpdate("blk_1")) {
    break;
  }
  await closed;
});

test("an aborted signal ends a watch with its reason", async () => {
  const controller = new AbortController();
  const url = await fakeGateway((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`event: next\ndata: ${JSON.stringify({ data: running(1) })}\n\n`);
  });
  const reason = new Error("enough");
  const run = async () => {
    const { signal } = controller;
    for await (const _ of createGatewayClient({ url }).watchBulkUpdate("blk_1", { signal })) {
      controller.abort(reason);
    }
  };
  await expect(run()).rejects.toBe(reason);
});

const expired = (request: Parameters<Answer>[0], response: Parameters<Answer>[1]): void => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  const errors = [{ message: "The token has expired", extensions: { code: "UNAUTHENTICATED" } }];
  response.write(`event: next\ndata: ${JSON.stringify({ data: running(1) })}\n\n`);
  response.end(`event: next\ndata: ${JSON.stringify({ errors })}\n\nevent: complete\ndata:\n\n`);
};

test("a token that runs out in the middle is renewed, and the watch goes on", async () => {
  const tokens: unknown[] = [];
  const seenBy =
    (answer: Answer): Answer =>
    (request, response) => {
      tokens.push(request.headers.authorization);
      return answer(request, response);
    };
  const denied = json(401, {
    errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }],
  });
  const url = await fakeGateway(
    seenBy(expired),
    seenBy(denied), // the connection after it: the token source did not know yet
    seenBy(events([running(7), done], "complete")),
  );
  let count = 0;
  const token = (refused?: string): string => {
    count += refused === undefined ? 0 : 1;
    return `token-${count}`;
  };
  const applied: number[] = [];
  for await (const { counts } of createGatewayClient({ url, token }).watchBulkUpdate("blk_1")) {
    applied.push(counts.applied);
  }
  expect(applied).toEqual([1, 7, 10]);
  expect(tokens).toEqual(["Bearer token-0", "Bearer token-0", "Bearer token-1"]);
});

test("a fixed token that runs out ends the watch", async () => {
  const url = await fakeGateway(expired);
  const run = async () => {
    for await (const _ of createGatewayClient({ url, token: "t" }).watchBulkUpdate("blk_1")) {
      // until it ends
    }
  };
  await expect(run()).rejects.toBeInstanceOf(GatewayUnauthenticatedError);
});

test("who is told to come back later does, when it is time", async () => {
  const times: number[] = [];
  const timed =
    (answer: Answer): Answer =>
    (request, response) => {
      times.push(performance.now());
      return answer(request, response);
    };
  const limited = json(
    429,
    { errors: [{ message: "too many", extensions: { code: "RATE_LIMITED" } }] },
    { "retry-after": "1" },
  );
  const url = await fakeGateway(timed(limited), timed(events([done], "complete")));
  expect(await watch(url)).toEqual({ applied: [10], interruptions: 1 });
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
});
