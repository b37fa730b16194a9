import { expect, test } from "vitest";
import type { UpdateFate } from "../src/settled.ts";
import type { Accepted } from "../src/submitter.ts";
import { judge } from "../src/verdict.ts";

const R = "ref";
const append = (n: number): Accepted => ({
  id: `u${n}`,
  referralId: R,
  email: `p${n}@x`,
  notes: undefined,
});
const notes = (n: number): Accepted => ({
  id: `u${n}`,
  referralId: R,
  email: undefined,
  notes: `n${n}`,
});

function verdictOf(
  accepted: readonly Accepted[],
  truth: { notes?: string; team?: readonly string[] },
  states: Readonly<Record<string, string>> = {},
) {
  const fates = new Map(
    accepted.map(({ id }): [string, UpdateFate] => [
      id,
      { id, state: states[id] ?? "APPLIED", attempts: 1, mergedWith: [], error: null },
    ]),
  );
  const referral = {
    id: R,
    details: { notes: truth.notes ?? null },
    team: (truth.team ?? []).map((email) => ({ email })),
  };
  const overlapping = {
    startMs: 0,
    method: "PATCH",
    referralId: R,
    status: 200,
    applied: true,
    concurrentWritesSameReferral: 2,
  };
  return judge(accepted, fates, new Map([[R, referral]]), [overlapping], false);
}

test("all as it should be", () => {
  const verdict = verdictOf([append(1), notes(2), append(3)], {
    notes: "n2",
    team: ["p1@x", "p3@x"],
  });
  expect(verdict).toMatchObject({ accepted: 3, applied: 3, lost: 0, doubled: 0, outOfOrder: 0 });
});

test("the checks notice what they are for", () => {
  expect(verdictOf([append(1)], { team: [] })).toMatchObject({ lost: 1 });
  expect(verdictOf([append(1)], { team: ["p1@x", "p1@x"] })).toMatchObject({ doubled: 1 });
  expect(verdictOf([append(1), append(2)], { team: ["p2@x", "p1@x"] })).toMatchObject({
    outOfOrder: 1,
  });
  expect(verdictOf([notes(1), notes(2)], { notes: "n1" })).toMatchObject({ outOfOrder: 1 });
  expect(verdictOf([notes(1)], { notes: "n1" }, { u1: "QUEUED" })).toMatchObject({ lost: 1 });
  expect(verdictOf([notes(1)], {}, { u1: "FAILED" })).toMatchObject({ failed: 1 });
  expect(verdictOf([], {})).toMatchObject({ mostAtOnce: 2 });
});
