import { expect, test } from "vitest";
import {
  EXAMPLE_REFERRAL_ID,
  type Json,
  type JsonObject,
  type LoggedRequest,
  type Simulator,
} from "../src/index.ts";
import { at, call, LIST, patch, REFERRAL, start, truth } from "./harness.ts";

async function control(simulator: Simulator, method: string, path: string, body?: Json) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === "" ? undefined : JSON.parse(text) };
}

const CHANGE = [{ op: "replace", path: "/details/notes", value: "changed" }];

test("the log tells what was asked and what became of it", async () => {
  const simulator = await start();
  const before = truth(simulator).eTag;
  const reply = await patch(simulator, CHANGE, {
    prefer: "return=representation",
    "if-match": String(before),
    "request-id": "0b9d2f6e-58a1-4c0b-8f13-5f6a0c7d9e21",
  });
  const { body } = await control(simulator, "GET", "/requests");
  expect(body.requests).toEqual([
    {
      seq: 1,
      startMs: expect.any(Number),
      endMs: expect.any(Number),
      method: "PATCH",
      path: `/v1.0${REFERRAL}`,
      referralId: EXAMPLE_REFERRAL_ID,
      outcome: "answered",
      status: 200,
      retryAfterMs: null,
      clientRequestId: reply.headers.get("client-request-id"),
      requestId: "0b9d2f6e-58a1-4c0b-8f13-5f6a0c7d9e21",
      ifMatch: before,
      prefer: "return=representation",
      body: CHANGE,
      applied: true,
      replayed: false,
      faultIds: [],
      etagBefore: before,
      etagAfter: reply.body.eTag,
      concurrentWritesSameReferral: 1,
    },
  ]);
});

test("the log can be read in parts, as lines, and emptied", async () => {
  const simulator = await start();
  for (let index = 0; index < 5; index += 1) await call(simulator, "GET", REFERRAL);
  const part = await control(simulator, "GET", "/requests?since=2&limit=2");
  expect(part.body.requests.map(({ seq }: LoggedRequest) => seq)).toEqual([3, 4]);
  const lines = await fetch(`${simulator.controlUrl}/requests?format=ndjson&since=3`);
  const text = await lines.text();
  expect(
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
  ).toEqual([4, 5]);
  expect((await control(simulator, "DELETE", "/requests")).status).toBe(204);
  await call(simulator, "GET", REFERRAL);
  expect(simulator.control.requests()).toMatchObject([{ seq: 6 }]);
  expect(simulator.control.state().counters.total).toBe(1);
});

test("a full log forgets the oldest", async () => {
  const simulator = await start({ logCapacity: 3 });
  for (let index = 0; index < 5; index += 1) await call(simulator, "GET", REFERRAL);
  expect(simulator.control.requests().map(({ seq }) => seq)).toEqual([3, 4, 5]);
  expect(simulator.control.state().log).toEqual({ size: 3, dropped: 2, lastSeq: 5 });
});

test("bodies can be left out of the log", async () => {
  const simulator = await start({ logBodies: false });
  await patch(simulator, CHANGE);
  expect(simulator.control.requests()).toMatchObject([{ body: null, applied: true }]);
});

test("the control side is neither limited nor counted", async () => {
  const simulator = await start({ limiter: "token-bucket", rate: 0.001 });
  for (let index = 0; index < 5; index += 1) {
    expect((await control(simulator, "GET", "/state")).status).toBe(200);
  }
  expect(simulator.control.state().counters.total).toBe(0);
  expect((await call(simulator, "GET", REFERRAL)).status).toBe(200);
});

test("the ground truth can be read, replaced, added and removed", async () => {
  const simulator = await start();
  const path = `/referrals/${EXAMPLE_REFERRAL_ID}`;
  const { body } = await control(simulator, "GET", path);
  expect(body).toEqual((await call(simulator, "GET", REFERRAL)).body);
  await control(simulator, "PUT", path, { ...body, status: "Closed", substatus: "Lost" });
  const replaced = (await call(simulator, "GET", REFERRAL)).body;
  expect(replaced).toMatchObject({ status: "Closed", substatus: "Lost" });
  expect(replaced.eTag).not.toBe(body.eTag);
  await control(simulator, "PUT", "/referrals/new-one", { name: "Added" });
  expect((await call(simulator, "GET", `${LIST}/new-one`)).body).toMatchObject({ name: "Added" });
  expect((await control(simulator, "DELETE", path)).status).toBe(204);
  expect((await call(simulator, "GET", REFERRAL)).status).toBe(404);
  expect((await control(simulator, "GET", path)).status).toBe(404);
  expect((await call(simulator, "GET", `${LIST}?$count=true`)).body["@odata.count"]).toBe(20);
});

test("faults, limits and tokens can be set, and all of it reset", async () => {
  const simulator = await start();
  const added = await control(simulator, "POST", "/faults", [
    { id: "broken", match: { method: "PATCH" }, fault: { kind: "status", status: 500 } },
    { fault: { kind: "latency", ms: 1 } },
  ]);
  expect(added).toMatchObject({ status: 201, body: { ids: ["broken", "fault-1"] } });
  expect((await patch(simulator, CHANGE)).status).toBe(500);
  const state = await control(simulator, "GET", "/state");
  expect(at(state.body, "faults/0/struck")).toBe(1);
  expect((await control(simulator, "DELETE", "/faults/broken")).body).toEqual({ removed: 1 });
  expect((await patch(simulator, CHANGE)).status).toBe(200);
  expect((await control(simulator, "DELETE", "/faults")).body).toEqual({ removed: 1 });

  const limits = { limiter: "sliding-window", rate: 1, retryAfter: "absent", penaltyMs: 0 };
  const changed = await control(simulator, "PUT", "/limits", limits);
  expect(changed.body).toMatchObject(limits);
  await control(simulator, "PUT", "/tokens", { rejectAccessTokens: true });
  expect((await patch(simulator, CHANGE)).status).toBe(401);

  expect((await control(simulator, "POST", "/reset")).status).toBe(204);
  expect(at(truth(simulator), "details/notes")).toBe("Evaluating a field service roll-out.");
  expect(simulator.control.state()).toMatchObject({
    limits: { limiter: "none" },
    tokens: { rejectAccessTokens: false },
    counters: { total: 0 },
    faults: [],
  });
  expect((await patch(simulator, CHANGE)).status).toBe(200);
});

test.each<[string, string, Json]>([
  ["PUT", "/limits", { rate: -1 }],
  ["PUT", "/limits", { speed: 5 }],
  ["PUT", "/tokens", { expireAccessTokens: "yes" }],
  ["POST", "/faults", [{ fault: { kind: "latency" } }]],
  ["POST", "/faults", [{ fault: "hang", match: { methods: "GET" } }]],
  ["PUT", "/referrals/x", []],
])("%s %s with %o is refused with a reason", async (method, path, body) => {
  const simulator = await start();
  const reply = await control(simulator, method, path, body);
  expect(reply.status).toBe(400);
  expect(at(reply.body, "error/message")).toEqual(expect.stringMatching(/\w+/));
});

test("a test can wait for a request to end", async () => {
  const simulator = await start();
  const waiting = simulator.control.waitForRequest(({ status }) => status === 404);
  await call(simulator, "GET", REFERRAL);
  await call(simulator, "GET", `${LIST}/nothing`);
  expect(await waiting).toMatchObject({ seq: 2, referralId: "nothing" });
});

test("a closed simulator refuses connections, also with requests open", async () => {
  const simulator = await start();
  simulator.control.addFaults({ fault: "hang" });
  const hanging = call(simulator, "GET", REFERRAL);
  hanging.catch(() => undefined);
  await expect.poll(() => simulator.control.state().counters.open).toBe(1);
  await simulator.close();
  await expect(hanging).rejects.toThrow();
  await expect(call(simulator, "GET", REFERRAL)).rejects.toThrow();
});

test("somebody else can change many referrals at once, newest first in the list", async () => {
  const simulator = await start({ referrals: 30 });
  const everything = (await call(simulator, "GET", LIST)).body.value as JsonObject[];
  const { body } = await control(simulator, "PATCH", "/referrals", {
    patch: [{ op: "add", path: "/statusReason", value: "changed by the vendor" }],
    every: 10,
  });
  expect(body).toEqual({ changed: 3 });
  const newest = await call(simulator, "GET", `${LIST}?$orderby=updatedDateTime desc&$top=4`);
  const value = newest.body.value as JsonObject[];
  expect(value.map(({ statusReason }) => statusReason === "changed by the vendor")).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(value.slice(0, 3).map(({ id }) => id)).toEqual(
    [20, 10, 0].map((index) => everything[index]?.id),
  );
  for (const [index, old] of [20, 10, 0].entries()) {
    expect(value[index]?.eTag).not.toBe(everything[old]?.eTag);
  }
});

test("many are changed together or not at all", async () => {
  const simulator = await start();
  const before = truth(simulator);
  const replies = [
    await control(simulator, "PATCH", "/referrals", {
      ids: [EXAMPLE_REFERRAL_ID, "no such referral"],
      patch: CHANGE,
    }),
    await control(simulator, "PATCH", "/referrals", {
      patch: [{ op: "replace", path: "/no/such/place", value: 1 }],
    }),
    await control(simulator, "PATCH", "/referrals", { patch: CHANGE, every: 0 }),
    await control(simulator, "PATCH", `/referrals/${EXAMPLE_REFERRAL_ID}`, { patch: CHANGE }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  expect(truth(simulator)).toEqual(before);
});
