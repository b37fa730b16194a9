import { expect, test } from "vitest";
import {
  allowedTransitions,
  checkTransition,
  planTransitions,
  type ReferralState,
  referralStatuses,
  referralSubstatuses,
  stateOf,
  type TransitionPolicy,
} from "../src/index.ts";

// The vendor's page, written down a second time on purpose: status -> may become, own substatuses.
const printed = {
  New: [
    ["New", "Active", "Closed"],
    ["Pending", "Received"],
  ],
  Active: [["Active", "Closed"], ["Accepted"]],
  Closed: [["Closed"], ["Won", "Lost", "Declined", "Expired"]],
} as const;
const isPrinted = (status: string): status is keyof typeof printed => status in printed;
const everything = referralStatuses.flatMap((status) =>
  referralSubstatuses.map((substatus) => ({ status, substatus })),
);
const documented = everything.filter(
  ({ status, substatus }) =>
    isPrinted(status) && (printed[status][1] as readonly string[]).includes(substatus),
);
const wonNeedsAccepted: TransitionPolicy = (from, to) =>
  to.substatus !== "Won" || from.substatus === "Accepted" || from.substatus === "Won";

test("every step between any two states is allowed exactly when the vendor's table says so", () => {
  expect(documented).toHaveLength(7);
  for (const from of documented)
    for (const to of everything) {
      const isAllowed =
        documented.includes(to) &&
        isPrinted(from.status) &&
        (printed[from.status][0] as readonly string[]).includes(to.status);
      const result = checkTransition(from, to);
      expect([from, to, result.ok]).toEqual([from, to, isAllowed]);
      expect(result.to).toEqual(to);
    }
});

test("what is listed as allowed is what passes the check, from every state and under a policy", () => {
  for (const policy of [undefined, wonNeedsAccepted])
    for (const from of everything)
      expect(allowedTransitions(from, { policy })).toEqual(
        documented.filter((to) => checkTransition(from, to, { policy }).ok),
      );
});

test("a status with one substatus gets it; with several the choices are listed", () => {
  const from: ReferralState = { status: "New", substatus: "Pending" };
  expect(checkTransition(from, { status: "Active" })).toEqual({
    ok: true,
    to: { status: "Active", substatus: "Accepted" },
  });
  const closed = checkTransition(from, { status: "Closed" });
  expect(closed).toMatchObject({ ok: false, issues: [{ code: "SUBSTATUS_REQUIRED" }] });
  expect(!closed.ok && closed.issues[0]?.message).toContain("Won, Lost, Declined, Expired");
});

test("there is no way back, and the answer says what is allowed instead", () => {
  const result = checkTransition(
    { status: "Closed", substatus: "Lost" },
    { status: "Active", substatus: "Accepted" },
  );
  expect(result).toMatchObject({
    ok: false,
    issues: [{ code: "TRANSITION_NOT_ALLOWED", path: "/status" }],
    allowed: printed.Closed[1].map((substatus) => ({ status: "Closed", substatus })),
  });
});

test("staying put is allowed, whatever the state is", () => {
  for (const state of everything) expect(checkTransition(state, state).ok).toBe(true);
  expect(checkTransition({ status: "Closed", substatus: "Won" }, { status: "Closed" }).ok).toBe(
    true,
  );
});

test("from a state the documents do not name, every documented state is allowed and None is not", () => {
  const from: ReferralState = { status: "None", substatus: "None" };
  for (const to of documented) expect(checkTransition(from, to).ok).toBe(true);
  expect(checkTransition(from, { status: "None", substatus: "Won" }).ok).toBe(false);
  expect(checkTransition({ status: "New", substatus: "Pending" }, { status: "None" }).ok).toBe(
    false,
  );
});

test("the plan is the shortest way, and a policy may make it longer or impossible", () => {
  const from: ReferralState = { status: "New", substatus: "Received" };
  const won: ReferralState = { status: "Closed", substatus: "Won" };
  expect(planTransitions(from, won)).toEqual({ ok: true, steps: [won] });
  expect(planTransitions(won, won)).toEqual({ ok: true, steps: [] });
  expect(planTransitions(from, won, { policy: wonNeedsAccepted })).toEqual({
    ok: true,
    steps: [{ status: "Active", substatus: "Accepted" }, won],
  });
  expect(planTransitions(won, from)).toMatchObject({
    ok: false,
    issues: [{ code: "TRANSITION_NOT_ALLOWED" }],
  });
  expect(planTransitions(from, { status: "Closed" })).toMatchObject({
    ok: false,
    issues: [{ code: "SUBSTATUS_REQUIRED" }],
  });
  const never: TransitionPolicy = (_from, to) => to.substatus !== "Won";
  expect(planTransitions(from, won, { policy: never }).ok).toBe(false);
});

test("an unknown status or substatus reads as None", () => {
  expect(stateOf({ status: "Archived", substatus: null })).toEqual({
    status: "None",
    substatus: "None",
  });
  expect(stateOf({ status: "Closed", substatus: "Won" })).toEqual({
    status: "Closed",
    substatus: "Won",
  });
});
