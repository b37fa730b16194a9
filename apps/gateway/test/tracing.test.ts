import { afterAll, beforeAll, expect, test } from "vitest";
import type { CollectedSpan } from "./support/collector.ts";
import { newReferral, patchesOf } from "./support/referrals.ts";
import {
  byName,
  callersSpan,
  lineageOf,
  settlements,
  startTraced,
  type Traced,
} from "./support/traced.ts";

let traced: Traced;
beforeAll(async () => {
  traced = await startTraced();
});
afterAll(() => traced.close());

const PATCH = "PATCH /engagements/referrals/{id}";

/** Waits until an update is told to be in this state; answers all spans there are then. */
async function untilSettled(updateId: string, state: string): Promise<readonly CollectedSpan[]> {
  const { collector } = traced;
  const isSettled = (spans: readonly CollectedSpan[]): boolean =>
    settlements(spans, updateId).some(({ facts }) => facts["patchlane.update.state"] === state);
  await collector.until(isSettled);
  return collector.spans;
}

test("one trace leads from the caller's own span through the mutation and the queue to the PATCH", async () => {
  const { startWorker, update } = traced;
  await startWorker();
  const referralId = newReferral(traced.simulator);
  const caller = callersSpan();
  const id = await update({ referralId, changes: { name: "x" } }, caller);
  const spans = await untilSettled(id, "APPLIED");
  await traced.collector.until(
    () => byName(spans, caller.traceId, "mutation updateReferral").length > 0,
  );

  const [patch] = byName(spans, caller.traceId, PATCH);
  if (patch === undefined) throw new Error("no span of the PATCH");
  await expect
    .poll(() => lineageOf(spans, patch))
    .toEqual({
      names: [PATCH, "write referral", "lane step", "accept update", "mutation updateReferral"],
      above: caller.spanId,
    });
  const sent = traced.simulator.control
    .requests()
    .find((request) => request.method === "PATCH" && request.referralId === referralId);
  expect(patch.facts).toMatchObject({
    "http.request.method": "PATCH",
    "http.response.status_code": 200,
    "patchlane.client_request_id": sent?.clientRequestId,
    "patchlane.request_id": sent?.requestId,
  });
  const names = spans.filter(({ traceId }) => traceId === caller.traceId).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["decide", "wait for the rate budget"]));
  const [accept] = byName(spans, caller.traceId, "accept update");
  expect(accept?.facts).toMatchObject({
    "patchlane.update.id": id,
    "patchlane.referral.id": referralId,
    "patchlane.outcome": "accepted",
  });
});

test("a request without a traceparent, or with a broken one, begins a trace of its own", async () => {
  const { startWorker, update } = traced;
  await startWorker();
  const ids = [
    await update({ referralId: newReferral(traced.simulator), changes: { name: "x" } }),
    await update(
      { referralId: newReferral(traced.simulator), changes: { name: "x" } },
      { traceparent: "00-00000000000000000000000000000000-0000000000000000-01" },
    ),
  ];
  const traceIds = new Set<string>();
  for (const id of ids) {
    const spans = await untilSettled(id, "APPLIED");
    const [step] = settlements(spans, id).map(({ span }) => span);
    await traced.collector.until(() =>
      spans.some(({ traceId, parentSpanId }) => traceId === step?.traceId && parentSpanId === ""),
    );
    traceIds.add(step?.traceId ?? "");
  }
  expect(traceIds.size).toBe(2);
});

test("a caller whose trace is not sampled is not traced, and nothing of it is stored", async () => {
  const { startWorker, update, queue } = traced;
  await startWorker();
  const unsampled = callersSpan(false);
  const id = await update(
    { referralId: newReferral(traced.simulator), changes: { name: "x" }, waitMs: 20_000 },
    unsampled,
  );
  expect((await queue.ledger.get(id))?.trace).toBeUndefined();
  const caller = callersSpan();
  const next = await update(
    { referralId: newReferral(traced.simulator), changes: { name: "y" } },
    caller,
  );
  const spans = await untilSettled(next, "APPLIED"); // sent after whatever there were of the first
  expect(spans.filter(({ traceId }) => traceId === unsampled.traceId)).toEqual([]);
});

test("updates that leave together keep their own traces, linked with the write both ways", async () => {
  const { startWorker, stopWorker, update } = traced;
  await stopWorker();
  const referralId = newReferral(traced.simulator);
  const callers = [callersSpan(), callersSpan(), callersSpan()] as const;
  const ids: string[] = [];
  for (const [index, caller] of callers.entries()) {
    ids.push(await update({ referralId, changes: { name: `${index}` } }, caller));
  }
  await startWorker();
  let spans: readonly CollectedSpan[] = [];
  for (const id of ids) spans = await untilSettled(id, "APPLIED");
  const [first, ...others] = callers;
  await traced.collector.until(() => byName(spans, first.traceId, "lane step").length > 0);
  expect(patchesOf(traced.simulator, referralId)).toHaveLength(1);

  const [write] = byName(spans, first.traceId, "write referral");
  expect(new Set(write?.links.map(({ traceId }) => traceId))).toEqual(
    new Set(others.map(({ traceId }) => traceId)),
  );
  for (const { traceId } of others) {
    const [told, ...more] = byName(spans, traceId, "update settled");
    expect(more).toEqual([]);
    expect(told?.links).toContainEqual({ traceId: first.traceId, spanId: write?.spanId });
    await expect
      .poll(() => lineageOf(spans, told).names)
      .toEqual(["update settled", "accept update", "mutation updateReferral"]);
    expect(byName(spans, traceId, PATCH)).toEqual([]);
  }
});

test("an update that is taken back is told so in its own trace", async () => {
  const { stopWorker, origin, update, collector } = traced;
  await stopWorker();
  const [submitter, canceller] = [callersSpan(), callersSpan()];
  const input = { referralId: newReferral(traced.simulator), changes: { name: "x" } };
  const id = await update(input, submitter);
  const query = "mutation ($id: ID!) { cancelReferralUpdate(id: $id) { __typename } }";
  await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: canceller.traceparent },
    body: JSON.stringify({ query, variables: { id } }),
  });
  const spans = await untilSettled(id, "CANCELLED");
  const [told] = byName(spans, submitter.traceId, "update settled");
  expect(told?.links.map(({ traceId }) => traceId)).toEqual([canceller.traceId]);
  await collector.until(
    () => byName(spans, canceller.traceId, "mutation cancelReferralUpdate").length > 0,
  );
  const [mutation] = byName(spans, canceller.traceId, "mutation cancelReferralUpdate");
  expect(mutation?.links).toEqual([{ traceId: submitter.traceId, spanId: told?.spanId }]);
});

test("a refusal, tries again and a lost answer can be seen in the update's trace", async () => {
  const { startWorker, stopWorker, update } = traced;
  await stopWorker();
  const { control } = traced.simulator;
  const referralIds = [1, 2, 3].map(() => newReferral(traced.simulator));
  const [refused = "", failing = "", lost = ""] = referralIds;
  control.addFaults([
    { match: { method: "PATCH", referralId: refused }, fault: { kind: "status", status: 409 } },
    {
      match: { method: "PATCH", referralId: failing, nth: 1 },
      fault: { kind: "status", status: 423 },
    },
    { match: { method: "PATCH", referralId: lost, nth: 1 }, fault: "cutAfterWrite" },
  ]);
  await startWorker();
  const callers = referralIds.map(() => callersSpan());
  const ids: string[] = [];
  for (const [index, referralId] of referralIds.entries()) {
    ids.push(await update({ referralId, changes: { name: "n" } }, callers[index]));
  }
  const traceOf = (index: number): string => callers[index]?.traceId ?? "";

  let spans = await untilSettled(ids[0] ?? "", "FAILED");
  expect(byName(spans, traceOf(0), PATCH)).toMatchObject([
    { isError: true, facts: { "http.response.status_code": 409, "error.type": "rejected" } },
  ]);
  expect(settlements(spans, ids[0] ?? "").at(-1)?.facts).toMatchObject({
    "patchlane.failure.code": "INVALID_CHANGE",
  });

  spans = await untilSettled(ids[1] ?? "", "APPLIED");
  expect(
    byName(spans, traceOf(1), PATCH).map(({ facts }) => facts["http.response.status_code"]),
  ).toEqual([423, 200]);
  const [first, second] = byName(spans, traceOf(1), "lane step");
  expect(first?.facts).toMatchObject({
    "patchlane.outcome": "later",
    "patchlane.delay_ms": expect.any(Number),
  });
  expect(second?.parentSpanId).toBe(first?.parentSpanId);

  spans = await untilSettled(ids[2] ?? "", "APPLIED");
  await traced.collector.until(() => byName(spans, traceOf(2), "establish outcome").length > 0);
  const [cut] = byName(spans, traceOf(2), PATCH);
  expect(cut?.facts).toMatchObject({ "error.type": "unknownOutcome" });
  const [read] = byName(spans, traceOf(2), "GET /engagements/referrals/{id}");
  await expect
    .poll(() => lineageOf(spans, read).names)
    .toEqual([
      "GET /engagements/referrals/{id}",
      "read referral",
      "establish outcome",
      "accept update",
      "mutation updateReferral",
    ]);
});

test("what is read for a decision is told where it was read: at the gateway, or by the worker", async () => {
  const { startWorker, stopWorker, update } = traced;
  await stopWorker();
  const caller = callersSpan();
  const referralId = newReferral(traced.simulator);
  const id = await update({ referralId, changes: { status: "Active" } }, caller);
  await startWorker();
  const spans = await untilSettled(id, "APPLIED");
  await traced.collector.until(
    () => byName(spans, caller.traceId, "mutation updateReferral").length > 0,
  );
  const reads = byName(spans, caller.traceId, "GET /engagements/referrals/{id}");
  await expect
    .poll(() => lineageOf(spans, reads[0]).names)
    .toEqual(["GET /engagements/referrals/{id}", "read referral", "mutation updateReferral"]);
});

test.each([
  [
    "sent as a mutation",
    (origin: string, referralIds: readonly string[], headers: Record<string, string>) =>
      fetch(`${origin}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({
          query: `mutation ($input: BulkUpdateReferralsInput!) {
            bulkUpdateReferrals(input: $input) { __typename } }`,
          variables: {
            input: {
              skipUnchanged: false,
              items: referralIds.map((referralId) => ({ referralId, changes: { name: "bulk" } })),
            },
          },
        }),
      }),
    "mutation bulkUpdateReferrals",
  ],
  [
    "uploaded",
    (origin: string, referralIds: readonly string[], headers: Record<string, string>) =>
      fetch(`${origin}/bulk-updates?skipUnchanged=false`, {
        method: "POST",
        headers: { "content-type": "text/csv", ...headers },
        body: ["referralId,name", ...referralIds.map((id) => `${id},bulk`)].join("\n"),
      }),
    "POST /bulk-updates",
  ],
])("rows of a bulk update that was %s continue its trace", async (_how, send, name) => {
  const { startWorker, origin } = traced;
  const referralIds = [1, 2, 3].map(() => newReferral(traced.simulator));
  const caller = callersSpan();
  const { traceparent } = caller;
  const response = await send(origin, referralIds, { traceparent });
  expect(response.ok).toBe(true);
  await startWorker();
  const { collector } = traced;
  const patches = (): CollectedSpan[] => byName(collector.spans, caller.traceId, PATCH);
  const steps = (): CollectedSpan[] => byName(collector.spans, caller.traceId, "lane step");
  await collector.until(() => patches().length === 3 && steps().length === 3);
  for (const patch of patches()) {
    await expect
      .poll(() => lineageOf(collector.spans, patch))
      .toEqual({
        names: [PATCH, "write referral", "lane step", "take bulk update", name],
        above: caller.spanId,
      });
  }
});

test("rows behind the first thousand have traces of their own, linked to the upload's", async () => {
  const { startWorker, origin, collector } = traced;
  const referralIds = Array.from({ length: 1_003 }, () => newReferral(traced.simulator));
  const { traceparent, traceId } = callersSpan();
  await fetch(`${origin}/bulk-updates?skipUnchanged=false`, {
    method: "POST",
    headers: { "content-type": "text/csv", traceparent },
    body: ["referralId,name", ...referralIds.map((id) => `${id},bulk`)].join("\n"),
  });
  await startWorker();
  const late = new Set(referralIds.slice(1_000));
  const steps = (): CollectedSpan[] =>
    collector.spans.filter(
      ({ name, facts }) => name === "lane step" && late.has(String(facts["patchlane.referral.id"])),
    );
  await collector.until(
    (spans) => byName(spans, traceId, PATCH).length === 1_000 && steps().length === 3,
  );
  expect(new Set([traceId, ...steps().map((step) => step.traceId)]).size).toBe(4);
  for (const step of steps()) {
    expect(step.parentSpanId).toBe("");
    expect(step.links.map((link) => link.traceId)).toEqual([traceId]);
    expect(byName(collector.spans, step.traceId, PATCH)).toHaveLength(1);
  }
});

test("the list a bulk update needs is read in a trace of its own, linked to the upload's", async () => {
  const { startWorker, origin } = traced;
  const referralIds = Array.from({ length: 150 }, () => newReferral(traced.simulator));
  const caller = callersSpan();
  await fetch(`${origin}/bulk-updates?skipUnchanged=true`, {
    method: "POST",
    headers: { "content-type": "text/csv", traceparent: caller.traceparent },
    body: ["referralId,name", ...referralIds.map((id) => `${id},Contoso pilot`)].join("\n"),
  });
  await startWorker();
  const { collector } = traced;
  const passes = (): CollectedSpan[] =>
    collector.spans.filter(({ name }) => name === "read the referral list");
  await collector.until(() => passes().length > 0);
  const [pass] = passes();
  expect(pass?.parentSpanId).toBe("");
  expect(pass?.links.map(({ traceId }) => traceId)).toEqual([caller.traceId]);
  expect(byName(collector.spans, pass?.traceId ?? "", "GET /engagements/referrals")).not.toEqual(
    [],
  );
});
