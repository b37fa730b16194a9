import type { PatchOperation } from "@patchlane/referral-patch";
import { describe, expect, test } from "vitest";
import { MOST_TROUBLES } from "../src/back-off.ts";
import { processLane } from "../src/index.ts";
import { JANE, notes, notesOf, REFERRAL, type Rig, rigs, timesInTeam } from "./support/rig.ts";

const open = rigs();
const BOB = { ...JANE, email: "bob@x.example", firstName: "Bob" };

/** What somebody else, or the upstream itself, makes of the referral. */
function overwrite(rig: Rig, more: Record<string, unknown>): void {
  rig.simulator.control.putReferral(REFERRAL, { ...rig.truth(), ...more } as never);
}

function overwriteNotes(rig: Rig, text: string): void {
  overwrite(rig, { details: { ...(rig.truth().details as object), notes: text } });
}

/** The first write gets no answer, applied or not; the lane job ends there. */
async function loseFirstWrite(rig: Rig, fault: "cutBeforeWrite" | "cutAfterWrite"): Promise<void> {
  rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault });
  expect((await rig.run()).kind).toBe("later");
}

/** The patches that reached the upstream: request id, body. */
function bodiesById(rig: Rig): Map<string, Set<string>> {
  const bodies = new Map<string, Set<string>>();
  for (const { method, requestId, body } of rig.requests()) {
    if (method === "PATCH" && requestId !== null) {
      bodies.set(requestId, (bodies.get(requestId) ?? new Set()).add(JSON.stringify(body)));
    }
  }
  return bodies;
}

describe("what somebody else did meanwhile is not taken for ours", () => {
  test("the same status, by coincidence", async () => {
    const rig = await open();
    const ids = [await rig.submit(notes("ours")), await rig.submit({ status: "Active" })];
    await loseFirstWrite(rig, "cutBeforeWrite");
    overwrite(rig, { status: "Active", substatus: "Accepted" });
    await rig.drain();
    expect(notesOf(rig.truth())).toBe("ours");
    expect((await rig.update(ids[0] ?? "")).state).toBe("APPLIED");
  });

  test("the same value at the same place of a list, for another person", async () => {
    const rig = await open();
    overwrite(rig, { team: [JANE] });
    const id = await rig.submit({ team: { update: [{ email: JANE.email, firstName: "Bob" }] } });
    await loseFirstWrite(rig, "cutBeforeWrite");
    overwrite(rig, { team: [BOB, JANE] });
    await rig.drain();
    expect(rig.truth().team).toEqual([BOB, { ...JANE, firstName: "Bob" }]);
    expect((await rig.update(id)).state).toBe("APPLIED");
  });
});

describe("an upstream that honours request ids never meets two bodies under one", () => {
  test("when the state makes another patch of the updates", async () => {
    const rig = await open({ honourRequestId: true });
    overwrite(rig, { team: [BOB, JANE] });
    const ids = [
      await rig.submit([
        { op: "replace", path: "/team/0", value: { ...BOB, firstName: "Robert" } },
      ]),
      await rig.submit({ team: { update: [{ email: JANE.email, firstName: "Janet" }] } }),
      await rig.submit({ status: "Active" }),
    ];
    await loseFirstWrite(rig, "cutBeforeWrite");
    overwrite(rig, { team: [JANE, BOB] });
    await rig.drain();
    expect([...bodiesById(rig).values()].map(({ size }) => size)).not.toContain(2);
    expect(rig.truth().status).toBe("Active");
    expect((await rig.update(ids[2] ?? "")).state).toBe("APPLIED");
  });

  test("and what it answers from memory is not taken for the referral's state", async () => {
    const rig = await open({ honourRequestId: true });
    await rig.submit(notes("ours"));
    await loseFirstWrite(rig, "cutAfterWrite");
    overwriteNotes(rig, "theirs");
    overwrite(rig, { status: "Active", substatus: "Accepted" });
    const late = await rig.submit({ status: "New" });
    await rig.drain();
    expect(await rig.update(late)).toMatchObject({
      state: "FAILED",
      error: { code: "INVALID_TRANSITION" },
    });
  });
});

describe("what may have been applied", () => {
  test("is called APPLIED, not UNCHANGED, when the referral is as wanted", async () => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 1 },
      fault: { kind: "status", status: 504, isApplied: true },
    });
    const id = await rig.submit(notes("ours"));
    expect((await rig.run()).kind).toBe("later");
    await rig.submit({ status: "Active" });
    await rig.drain();
    expect((await rig.update(id)).state).toBe("APPLIED");
  });

  test.each([
    ["typed", { team: { add: [JANE] } }],
    ["raw", [{ op: "add" as const, path: "/team/-", value: JANE }]],
  ])("also when it arrives late, behind its own repetition (%s)", async (_form, wanted) => {
    const rig = await open({ timeoutMs: 1_000 });
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 1 },
      fault: { kind: "latency", ms: 2_500 },
    });
    const id = await rig.submit(wanted);
    expect((await rig.run()).kind).toBe("later");
    const { client } = rig.edges;
    const patchReferral: typeof client.patchReferral = async (...call) => {
      await expect.poll(() => timesInTeam(rig.truth(), JANE.email)).toBe(1);
      return client.patchReferral(...call);
    };
    const edges = { ...rig.edges, client: { ...client, patchReferral } };
    for (let job = 0; job < 10; job++) {
      const end = await processLane(edges, REFERRAL, new AbortController().signal);
      if (end.kind === "done") {
        break;
      }
    }
    expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
    const applied = rig.requests().find((request) => request.applied);
    expect(await rig.update(id)).toMatchObject({
      state: "APPLIED",
      etag: rig.truth().eTag,
      clientRequestId: applied?.clientRequestId,
    });
  });

  test("is unknown, not invalid, when its member is gone since", async () => {
    const rig = await open();
    overwrite(rig, { team: [BOB] });
    const id = await rig.submit({ team: { update: [{ email: BOB.email, firstName: "Robert" }] } });
    await loseFirstWrite(rig, "cutAfterWrite");
    overwrite(rig, { team: [JANE] });
    await rig.drain();
    expect(await rig.update(id)).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  });

  test("is unknown, not refused, when its repetition meets a state conflict", async () => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 2 },
      fault: { kind: "status", status: 409 },
    });
    const id = await rig.submit(notes("ours"));
    await loseFirstWrite(rig, "cutAfterWrite");
    overwriteNotes(rig, "theirs");
    await rig.drain();
    expect(await rig.update(id)).toMatchObject({ error: { code: "OUTCOME_UNKNOWN" } });
  });

  test("ends, too, when 500 is followed by nothing but refusals to try now", async () => {
    const rig = await open();
    rig.simulator.control.addFaults([
      { match: { method: "PATCH", nth: 1 }, fault: { kind: "status", status: 500 } },
      { match: { method: "PATCH" }, fault: { kind: "status", status: 423 } },
    ]);
    const id = await rig.submit(notes("1"));
    for (let job = 0; job < 4 * MOST_TROUBLES; job++) {
      await rig.run();
    }
    expect(await rig.update(id)).toMatchObject({
      state: "FAILED",
      error: { code: "OUTCOME_UNKNOWN" },
    });
  });

  test("in a batch, is told apart from what changed nothing", async () => {
    const rig = await open();
    const ids = [
      await rig.submit({ team: { add: [JANE] } }),
      await rig.submit({ team: { add: [JANE] } }),
      await rig.submit({ status: "Active" }),
    ];
    await loseFirstWrite(rig, "cutAfterWrite");
    await rig.drain();
    const updates = await Promise.all(ids.map((id) => rig.update(id)));
    expect(updates.map(({ state }) => state)).toEqual(["APPLIED", "UNCHANGED", "APPLIED"]);
    expect(updates[0]?.patch).toEqual([{ op: "add", path: "/team/-", value: JANE }]);
  });
});

test("what an earlier try left upstream is no trace of those that joined it since", async () => {
  const rig = await open();
  await rig.submit({ name: "known" });
  await rig.drain();
  rig.simulator.control.addFaults([
    { match: { method: "PATCH", nth: 1 }, fault: { kind: "status", status: 500, isApplied: true } },
    { match: { method: "PATCH", nth: 2 }, fault: { kind: "status", status: 500 } },
  ]);
  const ids = [await rig.submit(notes("A"))];
  expect((await rig.run()).kind).toBe("later");
  ids.push(await rig.submit({ team: { add: [JANE] } }), await rig.submit({ statusReason: "C" }));
  await rig.drain();
  expect(rig.truth()).toMatchObject({ details: { notes: "A" }, statusReason: "C" });
  expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  for (const id of ids) {
    expect((await rig.update(id)).state).toBe("APPLIED");
  }
});

test("a raw patch that empties a list and fills it again keeps whom it puts there", async () => {
  const rig = await open();
  overwrite(rig, { team: [JANE, BOB] });
  await rig.submit([
    { op: "replace", path: "/team", value: [] },
    { op: "add", path: "/team/-", value: JANE },
  ] as PatchOperation[]);
  await rig.drain();
  expect(rig.truth().team).toEqual([JANE]);
});

test("refused blind, with a state that may not be read: it ends", async () => {
  const rig = await open();
  const { statusReason: _absent, ...document } = rig.truth();
  rig.simulator.control.putReferral(REFERRAL, document as never);
  rig.simulator.control.addFaults({
    match: { method: "GET" },
    fault: { kind: "status", status: 403 },
  });
  const id = await rig.submit({ statusReason: "because" });
  await rig.drain();
  expect(rig.calls()).toEqual(["PATCH 400", "GET 403"]);
  expect(await rig.update(id)).toMatchObject({ state: "FAILED", error: { upstreamStatus: 400 } });
});

test("a newcomer is not failed for another one's conflicts", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH", times: 12 },
    fault: { kind: "intruder", patch: [{ op: "replace", path: "/name", value: "x" }] },
  });
  const old = await rig.submit({ status: "Active" });
  for (let job = 0; job < 60 && ((await rig.update(old)).rebases ?? 0) < 11; job++) {
    await rig.run();
  }
  const young = await rig.submit(notes("young"));
  await rig.drain();
  expect((await rig.update(old)).error?.code).toBe("CONFLICT");
  expect((await rig.update(young)).state).toBe("APPLIED");
});

/** A client whose upstream refuses every patch that holds the text, with the status. */
function picky(rig: Rig, text: string, status: number) {
  const { client } = rig.edges;
  const patchReferral: typeof client.patchReferral = (input, options) => {
    if (JSON.stringify(input.patch).includes(text)) {
      rig.simulator.control.addFaults({
        match: { method: "PATCH", times: 1 },
        fault: { kind: "status", status },
      });
    }
    return client.patchReferral(input, options);
  };
  return { ...rig.edges, client: { ...client, patchReferral } };
}

async function statesAfter(rig: Rig, edges: Rig["edges"], ids: readonly string[]) {
  for (let job = 0; job < 30; job++) {
    const end = await processLane(edges, REFERRAL, new AbortController().signal);
    if (end.kind === "done") {
      break;
    }
  }
  return Promise.all(ids.map(async (id) => (await rig.update(id)).state));
}

test("two that may not be changed (403) do not take the others with them", async () => {
  const rig = await open();
  const ids = [
    await rig.submit({ name: "forbidden" }),
    await rig.submit(notes("1")),
    await rig.submit({ externalReferenceId: "forbidden" }),
    await rig.submit({ qualification: "Direct" }),
  ];
  const states = await statesAfter(rig, picky(rig, "forbidden", 403), ids);
  expect(states).toEqual(["FAILED", "APPLIED", "FAILED", "APPLIED"]);
});

test("what is only invalid behind one that is refused is not failed", async () => {
  const rig = await open();
  const ids = [
    await rig.submit({ team: { add: [JANE] } }),
    await rig.submit([{ op: "replace", path: "/team", value: [{ ...BOB, lastName: "poison" }] }]),
    await rig.submit({ team: { update: [{ email: JANE.email, firstName: "Janet" }] } }),
  ];
  const states = await statesAfter(rig, picky(rig, "poison", 422), ids);
  expect(states).toEqual(["APPLIED", "FAILED", "APPLIED"]);
});
