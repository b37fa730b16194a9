import { expect, test } from "vitest";
import type { UpdateFate } from "../src/gateway.ts";
import { type Evidence, judge } from "../src/judge/verdict.ts";
import type { Accepted } from "../src/submitter.ts";
import type { UpstreamReferral, UpstreamRequest } from "../src/upstream.ts";

const R = "ref";
const STRICT = { mayFail: false, mayCancel: false, hasForeignNotes: false, uncountedAttempts: 0 };

const person = (n: number, token = `p${n}@x`): Accepted => ({
  ...{ id: `u${n}`, referralId: R, field: "team", token, isPoison: false },
});
const notes = (n: number): Accepted => ({
  ...{ id: `u${n}`, referralId: R, field: "notes", token: `n${n}`, isPoison: false },
});
const poison = (n: number): Accepted => ({ ...notes(n), isPoison: true });

let seq = 0;

function request(values: readonly string[], more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  seq += 1;
  return {
    ...{ seq, startMs: seq * 1_000, endMs: seq * 1_000 + 10, method: "PATCH", referralId: R },
    ...{ status: 200, retryAfterMs: null, applied: true, concurrentWritesSameReferral: 1 },
    body: values.map((value) =>
      value.includes("@")
        ? { op: "add", path: "/team/-", value: { email: value } }
        : { op: "replace", path: "/details/notes", value },
    ),
    ...more,
  };
}

/** What kinds of findings there are. Updates are APPLIED alone at the first try unless `fates` says otherwise. */
function findingsOf(
  accepted: readonly Accepted[],
  requests: readonly UpstreamRequest[],
  truth: { notes?: string; team?: readonly string[] },
  fates: Readonly<Record<string, Partial<UpdateFate>>> = {},
  leniency = STRICT,
): string[] {
  const told = accepted.map(({ id }): [string, UpdateFate] => [
    id,
    { ...{ id, state: "APPLIED", attempts: 1, mergedWith: [], error: null }, ...fates[id] },
  ]);
  const referral: UpstreamReferral = {
    id: R,
    details: { notes: truth.notes ?? null },
    team: (truth.team ?? []).map((email) => ({ email })),
  };
  const evidence: Evidence = {
    ...{ accepted, requests, fates: new Map(told), truth: new Map([[R, referral]]) },
  };
  return [...new Set(judge(evidence, leniency).findings.map(({ kind }) => kind))].sort();
}

const FAILED = { state: "FAILED", error: { code: "INVALID_CHANGE", message: "no" } };

test("all as it should be, one by one", () => {
  const found = findingsOf(
    [person(1), notes(2), person(3)],
    [request(["p1@x"]), request(["n2"]), request(["p3@x"])],
    { notes: "n2", team: ["p1@x", "p3@x"] },
  );
  expect(found).toEqual([]);
});

test("what travels together says so, and a hidden earlier value is no loss", () => {
  const together = [notes(1), person(2), notes(3)];
  const fold = [request(["n3", "p2@x"])];
  const truth = { notes: "n3", team: ["p2@x"] };
  const all = {
    u1: { mergedWith: ["u2", "u3"] },
    u2: { mergedWith: ["u1", "u3"] },
    u3: { mergedWith: ["u1", "u2"] },
  };
  expect(findingsOf(together, fold, truth, all)).toEqual([]);
  expect(findingsOf(together, fold, truth)).toEqual(["lost", "misfolded"]);
  expect(findingsOf(together, fold, truth, { ...all, u2: { mergedWith: ["u1"] } })).toEqual([
    "misfolded",
  ]);
  const apart = [request(["p2@x"]), request(["n3"])];
  expect(findingsOf(together, apart, truth, all)).toEqual(["lost", "misfolded", "outOfOrder"]);
});

test("lost: not final, without a trace, not in the team, never there", () => {
  expect(findingsOf([notes(1)], [request(["n1"])], { notes: "n1" }, { u1: { state: "QUEUED" } })) //
    .toEqual(["lost"]);
  expect(findingsOf([notes(1)], [], { notes: "n1" })).toContain("lost");
  expect(findingsOf([person(1)], [request(["p1@x"])], { team: [] })).toEqual(["lost"]);
  expect(findingsOf([person(1)], [], { team: ["p1@x"] }, { u1: { state: "UNCHANGED" } })) //
    .toEqual(["lost"]);
  const again = { u2: { state: "UNCHANGED", attempts: 0 } };
  const twice = [person(1), person(2, "p1@x")];
  expect(findingsOf(twice, [request(["p1@x"])], { team: ["p1@x"] }, again)).toEqual([]);
});

test("doubled: twice in the team, or written twice", () => {
  expect(findingsOf([person(1)], [request(["p1@x"])], { team: ["p1@x", "p1@x"] })).toEqual([
    "doubled",
  ]);
  const twice = [request(["p1@x"]), request(["p1@x"])];
  expect(findingsOf([person(1)], twice, { team: ["p1@x"] })).toEqual(["doubled"]);
});

test("out of order: in the log, in the team, in the last value", () => {
  const [first, second] = [request(["n2"]), request(["n1"])];
  expect(findingsOf([notes(1), notes(2)], [first, second], { notes: "n2" })).toEqual([
    "outOfOrder",
  ]);
  const people = [request(["p1@x"]), request(["p2@x"])];
  expect(findingsOf([person(1), person(2)], people, { team: ["p2@x", "p1@x"] })).toEqual([
    "outOfOrder",
  ]);
  const inOrder = [request(["n1"]), request(["n2"])];
  expect(findingsOf([notes(1), notes(2)], inOrder, { notes: "n1" })).toEqual(["outOfOrder"]);
  const foreign = { ...STRICT, hasForeignNotes: true };
  expect(findingsOf([notes(1)], [request(["n1"])], { notes: "theirs" }, {}, foreign)).toEqual([]);
});

test("a hidden value takes effect with the one that hides it, in whichever write that came first", () => {
  const all = {
    u1: { mergedWith: ["u2", "u3"], attempts: 2 },
    u2: { mergedWith: ["u1", "u3"], attempts: 2 },
    u3: { mergedWith: ["u1", "u2"] },
  };
  const uncertain = request(["n2"], { status: 500 });
  const truth = { notes: "n2", team: ["p3@x"] };
  const lane = [notes(1), notes(2), person(3)];
  expect(findingsOf(lane, [uncertain, request(["n2", "p3@x"])], truth, all)).toEqual([]);
});

test("only the poisonous one fails, alone and without a trace", () => {
  const refused = request(["n1"], { status: 400, applied: false });
  expect(findingsOf([poison(1)], [refused], {}, { u1: FAILED })).toEqual([]);
  expect(findingsOf([notes(1)], [refused], {}, { u1: FAILED })).toEqual(["wrongFate"]);
  expect(findingsOf([poison(1)], [request(["n1"])], { notes: "n1" })).toEqual(["wrongFate"]);
  expect(findingsOf([poison(1)], [request(["n1"])], { notes: "n1" }, { u1: FAILED })).toEqual([
    "traces",
  ]);
  const withAnother = { u1: { ...FAILED, mergedWith: ["u2"] }, u2: { mergedWith: [] } };
  const alone = [refused, request(["p2@x"])];
  expect(findingsOf([poison(1), person(2)], alone, { team: ["p2@x"] }, withAnother)).toEqual([
    "misfolded",
  ]);
});

test("attempts are the writes tried, refusals for the rate not counted", () => {
  const throttled = request(["n1"], { status: 429, applied: false });
  const writes = [throttled, request(["n1"])];
  const truth = { notes: "n1" };
  expect(findingsOf([notes(1)], writes, truth)).toEqual([]);
  expect(findingsOf([notes(1)], writes, truth, { u1: { attempts: 2 } })).toEqual(["miscounted"]);
  expect(findingsOf([notes(1)], writes, truth, { u1: { attempts: 0 } })).toEqual(["miscounted"]);
});

test("calls are counted by kind, and those inside a Retry-After", () => {
  const at = (startMs: number, more: Partial<UpstreamRequest> = {}) =>
    request([], { startMs, endMs: startMs + 5, ...more });
  const requests = [
    at(0, { status: 429, retryAfterMs: 2_000 }),
    at(240),
    at(500, { method: "GET" }),
    at(1_990),
    at(2_010, { method: "GET", referralId: null }),
    at(3_000, { status: 503, retryAfterMs: null }),
    at(3_200, { concurrentWritesSameReferral: 2 }),
  ];
  const evidence = { accepted: [], fates: new Map(), truth: new Map(), requests };
  const { calls, mostAtOnce } = judge(evidence, STRICT);
  expect(calls).toEqual({
    total: 7,
    writes: 5,
    reads: 1,
    lists: 1,
    refusals: 1,
    untimely: 1,
    untimelyAfterMs: 495,
  });
  expect(mostAtOnce).toBe(2);
});

test("what was so before is UNCHANGED, and nothing is written for it", () => {
  const there: Accepted = { ...notes(1), field: "name", token: "as it is", isThere: true };
  const unchanged = { u1: { state: "UNCHANGED", attempts: 0 } };
  expect(findingsOf([there], [], {}, unchanged)).toEqual([]);
  expect(findingsOf([there], [request(["as it is"])], {}, unchanged)).toEqual(["wrongFate"]);
  expect(findingsOf([there], [], {})).toEqual(["wrongFate"]);
});

test("what was so before may be decided with others, whose PATCH says nothing of it", () => {
  const there: Accepted = { ...notes(1), field: "name", token: "as it is", isThere: true };
  const fates = {
    u1: { state: "UNCHANGED", mergedWith: ["u2"] },
    u2: { mergedWith: ["u1"] },
  };
  expect(findingsOf([there, notes(2)], [request(["n2"])], { notes: "n2" }, fates)).toEqual([]);
});

test("what must fail with a code fails with that one, and leaves nothing", () => {
  const forbidden: Accepted = { ...notes(1), failsWith: "ACCESS_DENIED" };
  const denied = { u1: { ...FAILED, error: { code: "ACCESS_DENIED", message: "no" } } };
  expect(findingsOf([forbidden], [], {}, denied)).toEqual([]);
  expect(findingsOf([forbidden], [], {}, { u1: FAILED })).toEqual(["wrongFate"]);
  expect(findingsOf([forbidden], [request(["n1"])], { notes: "n1" }, denied)).toEqual(["traces"]);
  expect(findingsOf([forbidden], [request(["n1"])], { notes: "n1" })).toEqual(["wrongFate"]);
});

test("what is cancelled left nothing, and only where that is asked for", () => {
  const cancelled = { u1: { state: "CANCELLED", attempts: 0 } };
  const lenient = { ...STRICT, mayCancel: true };
  expect(findingsOf([notes(1)], [], {}, cancelled, lenient)).toEqual([]);
  expect(findingsOf([notes(1)], [], {}, cancelled)).toEqual(["lost"]);
  expect(findingsOf([notes(1)], [request(["n1"])], { notes: "n1" }, cancelled, lenient)).toEqual([
    "traces",
  ]);
});
