import { request } from "node:http";
import { expect, test } from "vitest";
import type { FaultRuleInput, Simulator } from "../src/index.ts";
import { at, call, patch, REFERRAL, start, truth } from "./harness.ts";

const CHANGE = [{ op: "replace", path: "/details/notes", value: "changed" }];

async function startWith(...rules: FaultRuleInput[]): Promise<Simulator> {
  const simulator = await start();
  simulator.control.addFaults(rules);
  return simulator;
}

const notes = (simulator: Simulator) => at(truth(simulator), "details/notes");

test("a status instead of the write", async () => {
  const simulator = await startWith({
    fault: { kind: "status", status: 500 },
    match: { times: 1 },
  });
  const reply = await patch(simulator, CHANGE);
  expect(reply).toMatchObject({ status: 500, body: { error: { code: "generalException" } } });
  expect(notes(simulator)).not.toBe("changed");
  expect((await patch(simulator, CHANGE)).status).toBe(200);
});

test.each([
  [7, /^7$/],
  ["date", /GMT$/],
  ["absent", /^none$/],
  [undefined, /^none$/],
] as const)("503 with Retry-After %o", async (retryAfter, expected) => {
  const simulator = await startWith({ fault: { kind: "status", status: 503, retryAfter } });
  const reply = await patch(simulator, CHANGE);
  expect(reply.body.error).toMatchObject({ code: "serviceNotAvailable" });
  expect(reply.headers.get("retry-after") ?? "none").toMatch(expected);
});

test("a status after the write", async () => {
  const simulator = await startWith({ fault: { kind: "status", status: 504, isApplied: true } });
  expect((await patch(simulator, CHANGE)).status).toBe(504);
  expect(notes(simulator)).toBe("changed");
});

test("a status with its own code, inner code, body and headers", async () => {
  const simulator = await startWith(
    {
      fault: { kind: "status", status: 403, code: "accessDenied", innerCode: "insufficent_claims" },
      match: { nth: 1 },
    },
    { fault: { kind: "status", status: 500, body: "<h1>no</h1>", headers: { "x-a": "b" } } },
  );
  const first = await patch(simulator, CHANGE);
  expect(at(first.body, "error/innerError/code")).toBe("insufficent_claims");
  const second = await patch(simulator, CHANGE);
  expect(second.text).toBe("<h1>no</h1>");
  expect(second.headers.get("x-a")).toBe("b");
});

test("a cut before the write: no answer, nothing changed", async () => {
  const simulator = await startWith({ fault: "cutBeforeWrite" });
  await expect(patch(simulator, CHANGE)).rejects.toThrow();
  expect(notes(simulator)).not.toBe("changed");
  expect(simulator.control.requests()).toMatchObject([
    { outcome: "cut", status: null, applied: false, faultIds: ["fault-1"] },
  ]);
});

test("a cut after the write: no answer, but changed", async () => {
  const simulator = await startWith({ fault: "cutAfterWrite" });
  await expect(patch(simulator, CHANGE)).rejects.toThrow();
  expect(notes(simulator)).toBe("changed");
  expect(simulator.control.requests()).toMatchObject([
    { outcome: "cut", status: null, applied: true },
  ]);
});

test("no representation although it was asked for", async () => {
  const simulator = await startWith({ fault: "noRepresentation" });
  expect(await patch(simulator, CHANGE)).toMatchObject({ status: 204, text: "" });
  expect(notes(simulator)).toBe("changed");
  expect((await call(simulator, "GET", REFERRAL)).status).toBe(200);
});

test("a truncated body", async () => {
  const simulator = await startWith({ fault: "truncatedBody" });
  await expect(patch(simulator, CHANGE)).rejects.toThrow();
  expect(notes(simulator)).toBe("changed");
});

test("a garbage body with a good status", async () => {
  const simulator = await startWith({ fault: "garbageBody" });
  const reply = await patch(simulator, CHANGE);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toContain("application/json");
  expect(() => JSON.parse(reply.text)).toThrow();
  expect(notes(simulator)).toBe("changed");
});

test("a slow body arrives whole, in pieces", async () => {
  const simulator = await startWith({ fault: { kind: "slowBody", ms: 100 } });
  const { port } = new URL(simulator.url);
  const pieces = await new Promise<Buffer[]>((resolve, reject) => {
    const got: Buffer[] = [];
    const headers = {
      authorization: "Bearer simulator-token",
      "client-request-id": "2c5ea8a4-3f2f-4b6e-9c9f-0f6c5d7f1a11",
    };
    request({ port, path: `/v1.0${REFERRAL}`, headers, agent: false }, (response) => {
      response.on("data", (piece: Buffer) => got.push(piece));
      response.on("end", () => resolve(got));
    })
      .on("error", reject)
      .end();
  });
  expect(pieces.length).toBeGreaterThan(1);
  expect(JSON.parse(Buffer.concat(pieces).toString())).toEqual(truth(simulator));
});

test.each([
  [false, "Evaluating a field service roll-out."],
  [true, "changed"],
])("a hang (applied: %o) ends when the client gives up", async (isApplied, expected) => {
  const simulator = await startWith({ fault: { kind: "hang", isApplied } });
  const controller = new AbortController();
  const options = { body: CHANGE, signal: controller.signal };
  const reply = call(simulator, "PATCH", REFERRAL, options);
  reply.catch(() => undefined);
  await expect.poll(() => simulator.control.state().faults[0]?.struck).toBe(1);
  expect(simulator.control.state().counters.open).toBe(1);
  controller.abort();
  await expect(reply).rejects.toThrow();
  const logged = await simulator.control.waitForRequest(() => true);
  expect(logged).toMatchObject({ outcome: "abandoned", status: null, applied: isApplied });
  expect(notes(simulator)).toBe(expected);
});

test("an intruder writes first, so that a read ETag no longer matches", async () => {
  const simulator = await startWith({ fault: "intruder", match: { method: "PATCH", times: 1 } });
  const etag = (await call(simulator, "GET", REFERRAL)).headers.get("etag") ?? "";
  const first = await patch(simulator, CHANGE, { "if-match": etag });
  expect(first.status).toBe(412);
  expect(notes(simulator)).toContain("somebody else");
  const fresh = (await call(simulator, "GET", REFERRAL)).headers.get("etag") ?? "";
  expect((await patch(simulator, CHANGE, { "if-match": fresh })).status).toBe(204);
});

test("an intruder's own patch", async () => {
  const value = "Closed";
  const simulator = await startWith({
    fault: { kind: "intruder", patch: [{ op: "replace", path: "/status", value }] },
  });
  await call(simulator, "GET", REFERRAL);
  expect(truth(simulator).status).toBe("Closed");
});

test("latency lets writes of one referral overlap, which the counters show", async () => {
  // Long enough that all three have arrived before the first is answered, also on a busy machine.
  const simulator = await startWith({ fault: { kind: "latency", ms: 1_000, jitterMs: 10 } });
  const replies = await Promise.all([1, 2, 3].map(() => patch(simulator, CHANGE)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  const { counters } = simulator.control.state();
  expect(counters.maxConcurrentWritesPerReferral).toBe(3);
  const overlaps = simulator.control.requests().map((r) => r.concurrentWritesSameReferral);
  expect(overlaps.sort()).toEqual([1, 2, 3]);
});

test("writes one after the other do not overlap", async () => {
  const simulator = await start();
  for (let index = 0; index < 5; index += 1) await patch(simulator, CHANGE);
  expect(simulator.control.state().counters.maxConcurrentWritesPerReferral).toBe(1);
});

test("latency after the write: the change is there while the answer is not", async () => {
  const simulator = await startWith({ fault: { kind: "latency", ms: 60_000, when: "after" } });
  const controller = new AbortController();
  const reply = call(simulator, "PATCH", REFERRAL, { body: CHANGE, signal: controller.signal });
  reply.catch(() => undefined);
  await expect.poll(() => notes(simulator)).toBe("changed");
  expect(simulator.control.state().counters.open).toBe(1);
  controller.abort();
  await expect(reply).rejects.toThrow();
});

test("a 401 from a moment on, until the rule is removed", async () => {
  const clock = { ms: 0 };
  const simulator = await start({ nowMs: () => clock.ms });
  const [id] = simulator.control.addFaults({
    match: { afterMs: 500 },
    fault: { kind: "status", status: 401 },
  });
  expect((await patch(simulator, CHANGE)).status).toBe(200);
  clock.ms = 500;
  const refused = await patch(simulator, CHANGE);
  expect(refused).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
  expect(refused.headers.get("www-authenticate")).toContain("Bearer");
  expect(simulator.control.clearFaults(id)).toBe(1);
  expect((await patch(simulator, CHANGE)).status).toBe(200);
});

test.each<[string, FaultRuleInput["match"], boolean[]]>([
  ["everything", undefined, [true, true, true]],
  ["only PATCH", { method: "patch" }, [true, true, false]],
  ["only the second", { nth: 2 }, [false, true, false]],
  ["the first and third", { nth: [1, 3] }, [true, false, true]],
  ["twice", { times: 2 }, [true, true, false]],
  ["this referral", { referralId: "61C65491-2F2C-461A-84B4-3654499BC1D9" }, [true, true, true]],
  ["another referral", { referralId: "other" }, [false, false, false]],
  ["a path", { pathPattern: "/referrals/61c6" }, [true, true, true]],
  ["another path", { pathPattern: "/referrals$" }, [false, false, false]],
  ["no longer", { until: "2020-01-01T00:00:00Z" }, [false, false, false]],
  ["until later", { untilMs: 3_600_000 }, [true, true, true]],
  ["not yet", { afterMs: 3_600_000 }, [false, false, false]],
  ["never", { probability: 0 }, [false, false, false]],
  ["always", { probability: 1 }, [true, true, true]],
  ["the token endpoint", { endpoint: "token" }, [false, false, false]],
])("a rule for %s", async (_, match, expected) => {
  const simulator = await startWith({ match, fault: { kind: "status", status: 503 } });
  const struck = [
    await patch(simulator, CHANGE),
    await patch(simulator, CHANGE),
    await call(simulator, "GET", REFERRAL),
  ].map(({ status }) => status === 503);
  expect(struck).toEqual(expected);
});

test("random faults repeat with the seed and differ with another", async () => {
  const run = async (seed: number) => {
    const simulator = await start({ seed });
    simulator.control.addFaults({
      match: { probability: 0.5 },
      fault: { kind: "status", status: 500 },
    });
    const statuses: number[] = [];
    for (let index = 0; index < 40; index += 1) {
      statuses.push((await call(simulator, "GET", REFERRAL)).status);
    }
    return statuses.join();
  };
  const first = await run(7);
  expect(await run(7)).toBe(first);
  expect(await run(8)).not.toBe(first);
  expect(first).toContain("200");
  expect(first).toContain("500");
});

test("a rule that makes no sense is refused with a reason", async () => {
  const simulator = await start();
  expect(() => simulator.control.addFaults({ fault: { kind: "status" } as never })).toThrow(
    /status/,
  );
  expect(() => simulator.control.addFaults({ fault: "explode" as never })).toThrow(/kind/);
  expect(() => simulator.control.addFaults({ match: { pathPattern: "(" }, fault: "hang" })).toThrow(
    /regular expression/,
  );
});

test("a rule for bodies strikes those that hold its text, and does not count the others", async () => {
  const simulator = await startWith({
    match: { method: "PATCH", bodyPattern: "poison \\d", nth: 1 },
    fault: { kind: "status", status: 400 },
  });
  const poison = [{ op: "replace", path: "/details/notes", value: "poison 7" }];
  expect((await patch(simulator, CHANGE)).status).toBe(200);
  expect((await patch(simulator, poison)).status).toBe(400);
  expect(notes(simulator)).toBe("changed");
  expect((await patch(simulator, poison)).status).toBe(200);
  expect(() => simulator.control.addFaults({ match: { bodyPattern: "(" }, fault: "hang" })).toThrow(
    "bodyPattern",
  );
});

test("the log says how long a refusal asked to be left alone", async () => {
  const simulator = await startWith(
    { match: { nth: 1 }, fault: { kind: "status", status: 429, retryAfter: 3 } },
    { match: { nth: 2 }, fault: { kind: "status", status: 503, retryAfter: "date" } },
    { match: { nth: 3 }, fault: { kind: "status", status: 429, retryAfter: "absent" } },
  );
  for (let i = 0; i < 4; i++) await patch(simulator, CHANGE);
  const [seconds, date, absent, fine] = simulator.control.requests();
  expect(seconds).toMatchObject({ status: 429, retryAfterMs: 3000 });
  expect(date?.retryAfterMs).toBeGreaterThan(0);
  expect(date?.retryAfterMs).toBeLessThanOrEqual(2000);
  expect([absent?.retryAfterMs, fine?.retryAfterMs]).toEqual([null, null]);
});
