import type { PatchOperation } from "@patchlane/referral-patch";
import { describe, expect, test } from "vitest";
import { processLane } from "../src/index.ts";
import {
  JANE,
  notes,
  notesOf,
  REFERRAL,
  type Rig,
  rigs,
  SOON,
  timesInTeam,
} from "./support/rig.ts";

const open = rigs();

/** Passes our checks, since the documents are silent there, and is refused upstream: there is no such member. */
const POISON: readonly PatchOperation[] = [
  { op: "replace", path: "/customerProfile/address/noSuchMember", value: "x" },
];

function person(n: number) {
  return { ...JANE, email: `person.${n}@x.example` };
}

async function states(rig: Rig, ids: readonly string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await rig.update(id)).state));
}

/** Starts a lane job whose write has to wait for its turn; resolves once it does, with how to let it go on. */
async function startWaiting(rig: Rig): Promise<() => Promise<unknown>> {
  const waiting = Promise.withResolvers<void>();
  const turn = Promise.withResolvers<void>();
  const { client } = rig.edges;
  const patchReferral: typeof client.patchReferral = async (input, options) => {
    waiting.resolve();
    await turn.promise;
    return client.patchReferral(input, options);
  };
  const edges = { ...rig.edges, client: { ...client, patchReferral } };
  const ended = processLane(edges, REFERRAL, new AbortController().signal);
  await waiting.promise;
  return () => {
    turn.resolve();
    return ended;
  };
}

function emails(rig: Rig): string[] {
  return (rig.truth().team as { email: string }[]).map(({ email }) => email);
}

describe("what leaves together", () => {
  test("everything pending leaves as one PATCH, and each update names its companions", async () => {
    const rig = await open();
    const ids = [
      await rig.submit(notes("1")),
      await rig.submit({ name: "n" }),
      await rig.submit(notes("2")),
    ];
    await rig.drain();
    expect(rig.calls()).toEqual(["PATCH 200"]);
    expect(rig.truth()).toMatchObject({ name: "n", details: { notes: "2" } });
    const [request] = rig.requests();
    for (const id of ids) {
      const update = await rig.update(id);
      expect(update).toMatchObject({
        state: "APPLIED",
        attempts: 1,
        etag: rig.truth().eTag,
        requestId: request?.requestId,
        clientRequestId: request?.clientRequestId,
      });
      expect([...update.mergedWith, id].sort()).toEqual([...ids].sort());
    }
    expect((await rig.update(ids[1] ?? "")).patch).toEqual([
      { op: "replace", path: "/name", value: "n" },
    ]);
  });

  test("two status changes never do; what stands between them goes with the first", async () => {
    const rig = await open();
    const ids = [
      await rig.submit(notes("1")),
      await rig.submit({ status: "Active" }),
      await rig.submit({ team: { add: [JANE] } }),
      await rig.submit({ status: "Closed", substatus: "Won" }),
      await rig.submit(notes("2")),
    ];
    await rig.drain();
    expect(rig.calls()).toEqual(["GET 200", "PATCH 200", "PATCH 200"]);
    const [, first, second] = rig.requests();
    expect(second?.ifMatch).toBe(first?.etagAfter);
    expect(JSON.stringify(first?.body)).toMatch(/"Active".*jane/is);
    expect(JSON.stringify(first?.body)).not.toContain("Closed");
    expect(await states(rig, ids)).toEqual(ids.map(() => "APPLIED"));
    expect(rig.truth()).toMatchObject({ status: "Closed", details: { notes: "2" } });
  });

  test("an invalid one fails alone, with its own reason", async () => {
    const rig = await open();
    const ids = [
      await rig.submit(notes("1")),
      await rig.submit({ team: { update: [{ email: "nobody@x.example", firstName: "N" }] } }),
      await rig.submit({ name: "n" }),
    ];
    await rig.drain();
    expect(rig.calls()).toEqual(["GET 200", "PATCH 200"]);
    expect(await states(rig, ids)).toEqual(["APPLIED", "FAILED", "APPLIED"]);
    const failed = await rig.update(ids[1] ?? "");
    expect(failed).toMatchObject({
      error: { code: "INVALID_CHANGE" },
      attempts: 0,
      mergedWith: [],
    });
    expect(failed.error?.message).toMatch(/e-mail/);
  });

  test("one that is only valid after another is not failed before that one is applied", async () => {
    const rig = await open();
    const ids = [
      await rig.submit({ team: { add: [JANE] } }),
      await rig.submit({ team: { update: [{ email: JANE.email, firstName: "Janet" }] } }),
    ];
    await rig.drain();
    expect(rig.calls()).toEqual(["GET 200", "PATCH 200"]);
    expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED"]);
    expect(rig.truth().team).toContainEqual(expect.objectContaining({ firstName: "Janet" }));
  });

  test("a pinned one stands alone, and keeps its place", async () => {
    const rig = await open();
    const ifMatch = String(rig.truth().eTag);
    const ids = [
      await rig.submit(notes("1")),
      await rig.submit(notes("2"), { ifMatch }),
      await rig.submit(notes("3")),
      await rig.submit({ name: "n" }),
    ];
    await rig.drain();
    expect(rig.calls()).toEqual(["PATCH 200", "PATCH 412", "GET 200", "PATCH 200"]);
    expect(await states(rig, ids)).toEqual(["APPLIED", "FAILED", "APPLIED", "APPLIED"]);
    expect(await rig.update(ids[1] ?? "")).toMatchObject({ error: { code: "CONFLICT" } });
    expect(notesOf(rig.truth())).toBe("3");
  });

  test("more than a patch may hold leaves as few patches as it takes", async () => {
    const rig = await open();
    const ids: string[] = [];
    for (let n = 0; n < 150; n++) {
      ids.push(await rig.submit({ team: { add: [person(n)] } }));
    }
    await rig.drain();
    expect(rig.calls()).toEqual(["GET 200", "PATCH 200", "PATCH 200"]);
    expect(new Set(await states(rig, ids))).toEqual(new Set(["APPLIED"]));
    expect(emails(rig).filter((email) => email.startsWith("person"))).toEqual(
      ids.map((_, n) => `person.${n}@x.example`),
    );
  });

  test("what comes in while the write waits for its turn goes along", async () => {
    const rig = await open();
    const first = await rig.submit(notes("1"));
    const drained = await startWaiting(rig);
    const ids = [first, await rig.submit({ name: "n" }), await rig.submit(notes("2"))];
    await drained();
    expect(rig.calls()).toEqual(["PATCH 200"]);
    expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED", "APPLIED"]);
    expect((await rig.update(first)).mergedWith).toHaveLength(2);
    expect(rig.truth()).toMatchObject({ name: "n", details: { notes: "2" } });
  });

  test("one that comes in meanwhile and needs the state waits for the next write", async () => {
    const rig = await open();
    const first = await rig.submit(notes("1"));
    const drained = await startWaiting(rig);
    const next = await rig.submit({ status: "Active" });
    await drained();
    expect(rig.calls()).toEqual(["PATCH 200", "PATCH 200"]);
    expect(await states(rig, [first, next])).toEqual(["APPLIED", "APPLIED"]);
  });
});

describe("a folded PATCH that is refused", () => {
  test.each([0, 3, 6, 7])("is split until the guilty one (at %i) stands alone", async (at) => {
    const rig = await open();
    const ids: string[] = [];
    for (let n = 0; n < 8; n++) {
      ids.push(await rig.submit(n === at ? POISON : { team: { add: [person(n)] } }));
    }
    await rig.drain();
    expect(await states(rig, ids)).toEqual(ids.map((_, n) => (n === at ? "FAILED" : "APPLIED")));
    expect(await rig.update(ids[at] ?? "")).toMatchObject({
      error: { code: "INVALID_CHANGE", upstreamStatus: 400 },
      mergedWith: [],
    });
    const others = [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => n !== at);
    expect(emails(rig).filter((email) => email.startsWith("person"))).toEqual(
      others.map((n) => `person.${n}@x.example`),
    );
    expect(rig.calls().length).toBeLessThanOrEqual(1 + 2 * 3 + 3);
  });

  test("is not folded again by the next worker", async () => {
    const rig = await open();
    const ids = [
      await rig.submit(POISON),
      await rig.submit(notes("1")),
      await rig.submit(notes("2")),
    ];
    // The first worker dies right after the refusal is written down.
    let settled = 0;
    const dying = {
      ...rig.edges,
      lanes: {
        ...rig.restless.lanes,
        claim: async (referralId: string) => {
          const claim = await rig.edges.lanes.claim(referralId);
          if (claim.kind === "claimed") {
            const { lease } = claim;
            const settle = lease.settle.bind(lease);
            lease.settle = async (...step) => {
              await settle(...step);
              settled += 1;
              throw new Error("killed");
            };
          }
          return claim;
        },
      },
    };
    await expect(processLane(dying, REFERRAL, new AbortController().signal)).rejects.toThrow();
    expect(settled).toBe(1);
    expect(rig.calls()).toEqual(["PATCH 400"]);
    await rig.drain();
    expect(await states(rig, ids)).toEqual(["FAILED", "APPLIED", "APPLIED"]);
    const sizes = rig
      .requests()
      .filter(({ method }) => method === "PATCH")
      .map(({ body }) => JSON.stringify(body).includes("noSuchMember"));
    expect(sizes.filter(Boolean).length).toBeLessThanOrEqual(3);
  });

  test("because a member is absent is built from the state, once, for all of them", async () => {
    const rig = await open();
    const { statusReason: _absent, ...document } = rig.truth();
    rig.simulator.control.putReferral(REFERRAL, document as never);
    const ids = [await rig.submit({ statusReason: "because" }), await rig.submit(notes("1"))];
    await rig.drain();
    expect(rig.calls()).toEqual(["PATCH 400", "GET 200", "PATCH 200"]);
    expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED"]);
    expect(rig.truth()).toMatchObject({ statusReason: "because", details: { notes: "1" } });
  });

  test.each([
    [403, "ACCESS_DENIED"],
    [404, "REFERRAL_NOT_FOUND"],
  ] as const)("for the whole referral (%i) costs two calls, not one each", async (status, code) => {
    const rig = await open();
    rig.simulator.control.addFaults({ fault: { kind: "status", status } });
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) {
      ids.push(await rig.submit(notes(`${n}`)));
    }
    await rig.drain();
    expect(rig.calls()).toEqual([`PATCH ${status}`, `GET ${status}`]);
    for (const id of ids) {
      expect(await rig.update(id)).toMatchObject({ state: "FAILED", error: { code } });
    }
  });

  test("because one keeps breaking the upstream (500) does not take the others with it", async () => {
    const rig = await open();
    const { client } = rig.edges;
    const poisoned = { ...client };
    poisoned.patchReferral = (input, options) => {
      if (JSON.stringify(input.patch).includes("poison")) {
        rig.simulator.control.addFaults({
          match: { method: "PATCH", times: 1 },
          fault: { kind: "status", status: 423 },
        });
      }
      return client.patchReferral(input, options);
    };
    const ids = [
      await rig.submit(notes("1")),
      await rig.submit({ name: "poison" }),
      await rig.submit({ externalReferenceId: "x" }),
    ];
    for (let job = 0; job < 60; job++) {
      const end = await processLane(
        { ...rig.restless, client: poisoned },
        REFERRAL,
        new AbortController().signal,
      );
      if (end.kind === "done") {
        break;
      }
    }
    expect(await states(rig, ids)).toEqual(["APPLIED", "FAILED", "APPLIED"]);
    expect(await rig.update(ids[1] ?? "")).toMatchObject({
      error: { code: "UPSTREAM_UNAVAILABLE" },
    });
  });
});

describe("a folded PATCH whose answer is lost", () => {
  test.each(["cutAfterWrite", "cutBeforeWrite"] as const)(
    "(%s) takes effect once for each of its updates",
    async (fault) => {
      const rig = await open();
      rig.simulator.control.addFaults({ match: { method: "PATCH", nth: [1, 2] }, fault });
      const ids: string[] = [];
      for (let n = 0; n < 10; n++) {
        ids.push(await rig.submit({ team: { add: [person(n)] } }));
      }
      await rig.drain();
      expect(new Set(await states(rig, ids))).toEqual(new Set(["APPLIED"]));
      for (let n = 0; n < 10; n++) {
        expect(timesInTeam(rig.truth(), person(n).email)).toBe(1);
      }
      const writes = rig.requests().filter(({ method }) => method === "PATCH");
      expect(new Set(writes.map(({ requestId }) => requestId)).size).toBe(1);
    },
  );

  test("is sent again without those that came in meanwhile: its request id names one body", async () => {
    const rig = await open();
    rig.simulator.control.addFaults({
      match: { method: "PATCH", nth: 1 },
      fault: "cutBeforeWrite",
    });
    const ids = [await rig.submit(notes("1")), await rig.submit({ name: "n" })];
    expect((await rig.run()).kind).toBe("later");
    ids.push(await rig.submit(notes("2")));
    await rig.drain();
    const [lost, again, next] = rig.requests().filter(({ method }) => method === "PATCH");
    expect(again).toMatchObject({ requestId: lost?.requestId, body: lost?.body });
    expect(next?.requestId).not.toBe(lost?.requestId);
    expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED", "APPLIED"]);
    expect(notesOf(rig.truth())).toBe("2");
  });

  test("and partly overwritten since, is known by what is left of it", async () => {
    const rig = await open();
    await rig.queue.known.forget(REFERRAL);
    rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault: "cutAfterWrite" });
    const ids = [await rig.submit({ team: { add: [JANE] } }), await rig.submit(notes("ours"))];
    expect((await rig.run()).kind).toBe("later");
    const document = rig.truth();
    rig.simulator.control.putReferral(REFERRAL, {
      ...document,
      details: { ...(document.details as object), notes: "theirs" },
    } as never);
    await rig.drain();
    expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED"]);
    expect(notesOf(rig.truth())).toBe("theirs");
    expect(timesInTeam(rig.truth(), JANE.email)).toBe(1);
  });

  test("and that may have been what makes it impossible now, is not called failed but unknown", async () => {
    const rig = await open();
    rig.simulator.control.addFaults({ match: { method: "PATCH", nth: 1 }, fault: "cutAfterWrite" });
    const id = await rig.submit({ status: "Active" });
    expect((await rig.run()).kind).toBe("later");
    rig.simulator.control.putReferral(REFERRAL, {
      ...rig.truth(),
      status: "Closed",
      substatus: "Lost",
    } as never);
    await rig.drain();
    expect(await rig.update(id)).toMatchObject({
      state: "FAILED",
      error: { code: "OUTCOME_UNKNOWN" },
    });
    expect(rig.truth()).toMatchObject({ status: "Closed", substatus: "Lost" });
  });
});

/** A small repeatable sequence of numbers below `below`. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

test.each([1, 2, 3, 4, 5, 6])(
  "folding changes nothing but the number of calls (seed %i)",
  async (seed) => {
    const [folded, single] = [await open(), await open()];
    const next = sequence(seed);
    const wanted = Array.from({ length: 14 }, (_, n) => {
      const who = person(next(3));
      const kinds = [
        notes(`${next(2)}`),
        { name: `name ${n}` },
        { team: { add: [who] } },
        { team: { add: [who] } },
        { team: { update: [{ email: who.email, firstName: `F${n}` }] } },
        { status: "Active" as const },
        { status: "Closed" as const, substatus: "Won" as const },
        POISON,
        [{ op: "add" as const, path: "/team/0", value: { ...JANE, email: `raw.${n}@x.example` } }],
        [{ op: "replace" as const, path: "/details/dealValue", value: `${n}` }],
      ];
      return kinds[next(kinds.length)] ?? notes("");
    });
    const ids: { folded: string; single: string }[] = [];
    for (const each of wanted) {
      ids.push({ folded: await folded.submit(each), single: await single.submit(each) });
      await single.drain();
    }
    await folded.drain();
    const ignoring = (rig: Rig) => ({
      ...rig.truth(),
      eTag: "",
      updatedDateTime: "",
      acceptedDateTime: "",
    });
    expect(ignoring(folded)).toEqual(ignoring(single));
    const outcomes = async (rig: Rig, which: "folded" | "single") =>
      (
        await states(
          rig,
          ids.map((id) => id[which]),
        )
      ).map((state) => state === "FAILED");
    expect(await outcomes(folded, "folded")).toEqual(await outcomes(single, "single"));
    expect(folded.calls().length).toBeLessThanOrEqual(single.calls().length);
  },
);

test("two hundred updates of a referral behind a slow upstream are a few PATCHes", async () => {
  const rig = await open();
  rig.simulator.control.addFaults({
    match: { method: "PATCH" },
    fault: { kind: "latency", ms: 100 },
  });
  const ids: string[] = [];
  const drained: Promise<unknown>[] = [];
  for (let n = 0; n < 200; n++) {
    ids.push(await rig.submit(notes(`${n}`)));
    if (n === 0) {
      drained.push(rig.drain());
    }
  }
  await Promise.all(drained);
  await rig.drain();
  await expect.poll(() => rig.queue.ledger.counts(), SOON).toMatchObject({ APPLIED: 200 });
  expect(notesOf(rig.truth())).toBe("199");
  expect(rig.calls().length).toBeLessThan(20);
});

test("with a gathering window, a burst leaves as one, also when its lane is woken at once", async () => {
  const rig = await open();
  const edges = { ...rig.restless, gatherMs: 60_000 };
  const run = () => processLane(edges, REFERRAL, new AbortController().signal);
  const ids = [await rig.submit(notes("1"))];
  const end = await run();
  expect(end.kind).toBe("later");
  expect(end.kind === "later" && end.delayMs).toBeLessThanOrEqual(60_000);
  ids.push(await rig.submit({ name: "n" }));
  expect((await run()).kind).toBe("later");
  expect(rig.calls()).toEqual([]);
  await rig.drain(); // the window is over
  expect(rig.calls()).toEqual(["PATCH 200"]);
  expect(await states(rig, ids)).toEqual(["APPLIED", "APPLIED"]);
});
