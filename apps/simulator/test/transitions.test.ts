import { describe, expect, test } from "vitest";
import { checkTransition, STATUS_TABLE } from "../src/transitions.ts";
import { patch, start } from "./harness.ts";

const STATUSES = ["New", "Active", "Closed"];
const SUBSTATUSES = Object.values(STATUS_TABLE).flatMap(({ substatus }) => substatus);

// Written out from the vendor's page, not derived from the table under test.
const ALLOWED_MOVES = [
  "New>New",
  "New>Active",
  "New>Closed",
  "Active>Active",
  "Active>Closed",
  "Closed>Closed",
];
const ALLOWED_PAIRS = [
  "New/Pending",
  "New/Received",
  "Active/Accepted",
  "Closed/Won",
  "Closed/Lost",
  "Closed/Declined",
  "Closed/Expired",
];

describe("every move between documented positions", () => {
  for (const from of ALLOWED_PAIRS) {
    for (const status of STATUSES) {
      for (const substatus of SUBSTATUSES) {
        const [oldStatus = "", oldSubstatus = ""] = from.split("/");
        const to = `${status}/${substatus}`;
        const isAllowed =
          ALLOWED_MOVES.includes(`${oldStatus}>${status}`) && ALLOWED_PAIRS.includes(to);
        test(`${from} to ${to} is ${isAllowed ? "allowed" : "refused"}`, () => {
          const found = checkTransition(
            { status: oldStatus, substatus: oldSubstatus },
            { status, substatus },
          );
          expect(found === undefined).toBe(isAllowed);
        });
      }
    }
  }
});

test("a closed referral stays closed", async () => {
  const simulator = await start();
  const move = (status: string, substatus: string) =>
    patch(simulator, [
      { op: "replace", path: "/status", value: status },
      { op: "replace", path: "/substatus", value: substatus },
    ]);
  expect((await move("Closed", "Lost")).status).toBe(200);
  const reopened = await move("Active", "Accepted");
  expect(reopened).toMatchObject({ status: 400, body: { error: { target: "/status" } } });
});
