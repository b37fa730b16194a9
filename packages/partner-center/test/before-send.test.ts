import { expect, test } from "vitest";
import {
  type AccessTokenProvider,
  immediatePermit,
  type RateBudget,
  type SendPermit,
  TokenUnavailableError,
  unlimitedBudget,
} from "../src/index.ts";
import {
  clientOf,
  json,
  REFERRAL_ID,
  rejection,
  startTcp,
  startUpstream,
} from "./support/upstream.ts";

const input = { id: REFERRAL_ID, patch: [], requestId: "r" };

/** Records the order in which the client uses its ports. */
function recorder() {
  const events: string[] = [];
  const tokens: AccessTokenProvider = {
    getToken: async () => {
      events.push("token");
      return "t";
    },
    renew: async () => {
      events.push("renew");
      return "t2";
    },
  };
  const budget: RateBudget = {
    acquire: async ({ priority }) => {
      events.push(`budget ${priority}`);
      return immediatePermit;
    },
    throttled: ({ retryAfterMs }) => {
      events.push(`throttled ${retryAfterMs}`);
    },
    succeeded: () => {
      events.push("succeeded");
    },
  };
  return { events, tokens, budget };
}

test("the order is token, budget, token again, beforeSend, wire, feedback", async () => {
  const { events, tokens, budget } = recorder();
  const upstream = await startUpstream((_request, response) => {
    events.push("wire");
    response.writeHead(204).end();
  });
  await clientOf(upstream.origin, { tokens, budget }).patchReferral(input, {
    priority: "interactive",
    beforeSend: () => {
      events.push("beforeSend");
    },
  });
  expect(events).toEqual([
    "token",
    "budget interactive",
    "token",
    "beforeSend",
    "wire",
    "succeeded",
  ]);
});

test("what beforeSend throws comes out as it is, and nothing is sent", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const leaseLost = new Error("lease lost");
  const beforeSend = async () => {
    throw leaseLost;
  };
  const error = await rejection(clientOf(upstream.origin).patchReferral(input, { beforeSend }));
  expect(error).toBe(leaseLost);
  expect(upstream.requests).toHaveLength(0);
});

test("beforeSend is asked again when the socket was not ready soon after it", async () => {
  let releaseFirst = () => {};
  const firstArrived = Promise.withResolvers<void>();
  const upstream = await startUpstream((_request, response) => {
    if (upstream.requests.length > 1) return response.writeHead(204).end();
    releaseFirst = () => response.writeHead(204).end();
    firstArrived.resolve();
  });
  const client = clientOf(upstream.origin, { connections: 1, timeoutMs: 20_000 });
  const first = client.patchReferral(input);
  await firstArrived.promise;

  let checks = 0;
  const second = client.patchReferral(
    { ...input, requestId: "second" },
    {
      beforeSend: () => {
        checks++;
        // The only socket is busy for longer than a check is believed.
        if (checks === 1) setTimeout(() => releaseFirst(), 1_100);
      },
    },
  );
  await Promise.all([first, second]);
  expect(checks).toBeGreaterThan(1);
  expect(upstream.requests.map((request) => request.headers["request-id"])).toEqual([
    "r",
    "second",
  ]);
});

test("a lease lost while waiting for a socket stops the write", async () => {
  let releaseFirst = () => {};
  const firstArrived = Promise.withResolvers<void>();
  const upstream = await startUpstream((_request, response) => {
    releaseFirst = () => response.writeHead(204).end();
    firstArrived.resolve();
  });
  const client = clientOf(upstream.origin, { connections: 1, timeoutMs: 20_000 });
  const first = client.patchReferral(input);
  await firstArrived.promise;
  let isHeld = true;
  const second = client.patchReferral(input, {
    beforeSend: () => {
      if (!isHeld) throw new Error("lease lost");
      setTimeout(() => {
        isHeld = false;
        releaseFirst();
      }, 1_100);
    },
  });
  expect(await rejection(second)).toMatchObject({ message: "lease lost" });
  await first;
  expect(upstream.requests).toHaveLength(1);
});

test.each([
  { status: 429, headers: { "retry-after": "2" }, feedback: "throttled 2000" },
  { status: 429, headers: {}, feedback: "throttled undefined" },
  { status: 509, headers: {}, feedback: "throttled undefined" },
  { status: 503, headers: { "retry-after": "0" }, feedback: "throttled 0" },
  { status: 503, headers: {}, feedback: "succeeded" },
  { status: 412, headers: {}, feedback: "succeeded" },
])("status $status $headers tells the budget: $feedback", async ({ status, headers, feedback }) => {
  const { events, tokens, budget } = recorder();
  const upstream = await startUpstream((_request, response) =>
    json(response, status, {}, headers as Record<string, string>),
  );
  await rejection(clientOf(upstream.origin, { tokens, budget }).patchReferral(input));
  expect(events.at(-1)).toBe(feedback);
});

test("a call that got no answer tells the budget nothing", async () => {
  const { events, tokens, budget } = recorder();
  const origin = await startTcp((socket) => socket.resetAndDestroy());
  await rejection(clientOf(origin, { tokens, budget }).getReferral(REFERRAL_ID));
  expect(events).toEqual(["token", "budget bulk", "token"]);
});

test("a budget that fails to take feedback does not replace the outcome", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(429).end());
  const budget: RateBudget = {
    ...unlimitedBudget,
    throttled: async () => {
      throw new Error("redis is away");
    },
  };
  const error = await rejection(clientOf(upstream.origin, { budget }).patchReferral(input));
  expect(error).toMatchObject({ kind: "throttled" });
});

test("without a token no budget is spent and nothing is sent", async () => {
  const { events, budget } = recorder();
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const unavailable = new TokenUnavailableError({ reason: "refreshTokenRejected" });
  const tokens: AccessTokenProvider = {
    getToken: async () => {
      throw unavailable;
    },
    renew: async () => "t",
  };
  const error = await rejection(clientOf(upstream.origin, { tokens, budget }).patchReferral(input));
  expect(error).toBe(unavailable);
  expect(events).toEqual([]);
  expect(upstream.requests).toHaveLength(0);
});

test("401 is told once; renewing is the caller's decision", async () => {
  const { events, tokens, budget } = recorder();
  const upstream = await startUpstream((_request, response) =>
    json(response, 401, { error: { code: "unauthenticated" } }),
  );
  const error = await rejection(clientOf(upstream.origin, { tokens, budget }).patchReferral(input));
  expect(error).toMatchObject({ kind: "unauthorized", code: "unauthenticated" });
  expect(events).not.toContain("renew");
  expect(upstream.requests).toHaveLength(1);
});

test("an abort ends the wait for a budget that does not listen", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const controller = new AbortController();
  const budget: RateBudget = {
    ...unlimitedBudget,
    acquire: () => {
      queueMicrotask(() => controller.abort());
      return new Promise(() => {});
    },
  };
  const call = clientOf(upstream.origin, { budget }).patchReferral(input, {
    signal: controller.signal,
  });
  expect(await rejection(call)).toMatchObject({ name: "AbortError", wasSent: false });
  expect(upstream.requests).toHaveLength(0);
});

test("beforeSend may put another write in its place, ids included", async () => {
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const answer = await clientOf(upstream.origin).patchReferral(
    { ...input, ifMatch: '"first"' },
    {
      beforeSend: () => ({
        patch: [{ op: "replace", path: "/name", value: "later" }],
        requestId: "r2",
        clientRequestId: "c2",
      }),
    },
  );
  const [request] = upstream.requests;
  expect(JSON.parse(request?.body ?? "")).toEqual([
    { op: "replace", path: "/name", value: "later" },
  ]);
  expect(request?.headers).toMatchObject({ "request-id": "r2", "client-request-id": "c2" });
  expect(request?.headers).not.toHaveProperty("if-match");
  expect(answer.call).toMatchObject({ requestId: "r2", clientRequestId: "c2" });
});

/** Gives permits in turn; the last one again and again. */
function permits(...given: SendPermit[]): RateBudget {
  let asked = 0;
  return {
    ...unlimitedBudget,
    acquire: async () => given[Math.min(asked++, given.length - 1)] ?? immediatePermit,
  };
}
const closedBefore: SendPermit = { ...immediatePermit, due: async () => false };
const closedAtTheSocket: SendPermit = { ...immediatePermit, sent: () => false };

test("a read whose permit is void waits for another one", async () => {
  const upstream = await startUpstream((_request, response) => json(response, 200, {}));
  const budget = permits(closedBefore, closedAtTheSocket, immediatePermit);
  await rejection(clientOf(upstream.origin, { budget }).getReferral(REFERRAL_ID));
  expect(upstream.requests).toHaveLength(1);
});

test.each([{ permit: closedBefore }, { permit: closedAtTheSocket }])(
  "a write on record whose permit is void is not sent; its owner hears that it was throttled",
  async ({ permit }) => {
    const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
    const client = clientOf(upstream.origin, { budget: permits(permit) });
    const error = await rejection(client.patchReferral(input, { beforeSend: () => {} }));
    expect(error).toMatchObject({ kind: "throttled", wasSent: false, isEffectUncertain: false });
    expect(upstream.requests).toHaveLength(0);
  },
);
