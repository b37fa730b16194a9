import { AsyncLocalStorage } from "node:async_hooks";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import {
  type CallObserver,
  immediatePermit,
  type ObservedCall,
  type ObservedEnd,
  type RateBudget,
  unlimitedBudget,
} from "../src/index.ts";
import {
  clientOf,
  ETAG,
  json,
  REFERRAL_ID,
  referralDocument,
  refusedOrigin,
  rejection,
  startTcp,
  startUpstream,
} from "./support/upstream.ts";

/** An observer that keeps what it is told. */
function recorder(): CallObserver & { seen: { call: ObservedCall; ends: ObservedEnd[] }[] } {
  const seen: { call: ObservedCall; ends: ObservedEnd[] }[] = [];
  return {
    seen,
    started(call) {
      const entry = { call, ends: [] as ObservedEnd[] };
      seen.push(entry);
      return (end) => entry.ends.push(end);
    },
  };
}

test("every call is told with its operation, status and the ids that were sent", async () => {
  const observer = recorder();
  const upstream = await startUpstream((request, response) =>
    request.url.includes("?")
      ? json(response, 200, { value: [referralDocument] })
      : json(response, 200, referralDocument),
  );
  const client = clientOf(upstream.origin, { observers: [observer] });
  await client.getReferral(REFERRAL_ID, { priority: "interactive" });
  for await (const _page of client.listReferrals({ top: 1 })) break;
  await client.patchReferral({ id: REFERRAL_ID, patch: [], ifMatch: ETAG, requestId: "req-1" });

  expect(observer.seen.map(({ call }) => call)).toEqual([
    { method: "GET", operation: "get", priority: "interactive" },
    { method: "GET", operation: "list", priority: "bulk" },
    { method: "PATCH", operation: "patch", priority: "bulk" },
  ]);
  for (const [index, { ends }] of observer.seen.entries()) {
    const sent = upstream.requests[index]?.headers;
    expect(ends).toEqual([
      {
        status: 200,
        kind: undefined,
        durationMs: expect.any(Number),
        clientRequestId: sent?.["client-request-id"],
        requestId: sent?.["request-id"],
      },
    ]);
    expect(ends[0]?.durationMs).toBeGreaterThan(0);
  }
});

test("a write replaced at the last moment is told with the ids that left", async () => {
  const observer = recorder();
  const upstream = await startUpstream((_request, response) => response.writeHead(204).end());
  const client = clientOf(upstream.origin, { observers: [observer] });
  await client.patchReferral(
    { id: REFERRAL_ID, patch: [], requestId: "req-1" },
    { beforeSend: () => ({ patch: [], requestId: "req-2", clientRequestId: "call-2" }) },
  );
  expect(observer.seen[0]?.ends).toMatchObject([
    { status: 204, requestId: "req-2", clientRequestId: "call-2" },
  ]);
});

test("failures are told by kind, with the status if there was an answer", async () => {
  const observer = recorder();
  const upstream = await startUpstream((request, response) =>
    request.method === "GET"
      ? json(response, 400, { error: { code: "resourceModified", message: "m" } })
      : json(response, 429, {}),
  );
  const client = clientOf(upstream.origin, { observers: [observer] });
  await rejection(client.getReferral(REFERRAL_ID));
  await rejection(client.patchReferral({ id: REFERRAL_ID, patch: [], requestId: "req-1" }));
  const cut = clientOf(await startTcp((socket) => socket.once("data", () => socket.destroy())), {
    observers: [observer],
  });
  await rejection(cut.patchReferral({ id: REFERRAL_ID, patch: [], requestId: "req-2" }));

  expect(observer.seen.flatMap(({ ends }) => ends)).toMatchObject([
    { status: 400, kind: "conflict" },
    { status: 429, kind: "throttled" },
    { status: undefined, kind: "unknownOutcome", requestId: "req-2" },
  ]);
});

test("a call its caller ended has neither status nor kind", async () => {
  const observer = recorder();
  const arrived = Promise.withResolvers<Socket>();
  const origin = await startTcp((socket) => socket.once("data", () => arrived.resolve(socket)));
  const client = clientOf(origin, { observers: [observer] });
  const stop = new AbortController();
  const read = rejection(client.getReferral(REFERRAL_ID, { signal: stop.signal }));
  await arrived.promise;
  stop.abort();
  await read;
  expect(observer.seen).toMatchObject([{ ends: [{ status: undefined, kind: undefined }] }]);
});

test("what never reached a socket is not told", async () => {
  const observer = recorder();
  const observers = [observer];
  await rejection(clientOf(await refusedOrigin(), { observers }).getReferral(REFERRAL_ID));
  const upstream = await startUpstream((_request, response) => json(response, 200, {}));
  const client = clientOf(upstream.origin, { observers });
  await rejection(
    client.patchReferral(
      { id: REFERRAL_ID, patch: [], requestId: "req-1" },
      { beforeSend: () => Promise.reject(new Error("lease lost")) },
    ),
  );
  const stop = new AbortController();
  stop.abort();
  await rejection(client.getReferral(REFERRAL_ID, { signal: stop.signal }));
  expect(observer.seen).toEqual([]);
});

test("a call that has to ask the budget again is told once", async () => {
  const observer = recorder();
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument),
  );
  let permits = 0;
  const closedOnce: RateBudget = {
    ...unlimitedBudget,
    acquire: async () => ({ ...immediatePermit, sent: () => ++permits > 1 }),
  };
  const client = clientOf(upstream.origin, { observers: [observer], budget: closedOnce });
  await client.getReferral(REFERRAL_ID);
  expect(permits).toBe(2);
  expect(observer.seen).toMatchObject([{ ends: [{ status: 200 }] }]);
});

test("observers run in the context of their own call, whoever opened the socket", async () => {
  const context = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument),
  );
  const observer: CallObserver = {
    started() {
      contexts.push(context.getStore());
      return () => {};
    },
  };
  const client = clientOf(upstream.origin, { connections: 1, observers: [observer] });
  const names = ["first", "second", "third"];
  await Promise.all(names.map((name) => context.run(name, () => client.getReferral(REFERRAL_ID))));
  expect(contexts).toEqual(names);
});

test("an observer that throws changes nothing for the call or the other observers", async () => {
  const observer = recorder();
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, referralDocument),
  );
  const bad = () => {
    throw new Error("observer");
  };
  const client = clientOf(upstream.origin, {
    observers: [{ started: bad }, { started: () => bad }, observer],
  });
  const read = await client.getReferral(REFERRAL_ID);
  expect(read.call.status).toBe(200);
  expect(observer.seen).toMatchObject([{ ends: [{ status: 200 }] }]);
});
