import { parse } from "graphql";
import { expect, test } from "vitest";
import { schema } from "../src/schema/schema.ts";
import { nameOperation } from "../src/tracing/name-operation.ts";

test.each([
  ["{ queue { waiting } }", undefined, "query", "queue"],
  [
    "query Mine { mine: referral(id: 1) { id } queue { waiting } }",
    "Mine",
    "query",
    "referral queue",
  ],
  ["{ a: queue { waiting } b: queue { waiting } }", undefined, "query", "queue"],
  [
    "mutation { cancelReferralUpdate(id: 1) { __typename } }",
    undefined,
    "mutation",
    "cancelReferralUpdate",
  ],
  [
    "subscription { referralUpdateChanged(id: 1) { id } }",
    undefined,
    "subscription",
    "referralUpdateChanged",
  ],
  [
    "{ ...A ... { queue { waiting } } } fragment A on Query { referral(id: 1) { id } ...A }",
    undefined,
    "query",
    "referral queue",
  ],
  ["query One { __typename } query Two { queue { waiting } }", "Two", "query", "queue"],
  ["{ __schema { __typename } }", undefined, "query", "__schema"],
  ["{ canary }", undefined, "query", ""],
  [
    "{ queue { waiting } referral(id: 1) { id } referralUpdate(id: 1) { id } bulkUpdate(id: 1) { id } }",
    undefined,
    "query",
    "queue referral referralUpdate …",
  ],
  ["query One { __typename }", "Canary", "unknown", ""],
])("%s is %4$s", (document, operationName, type, fields) => {
  expect(nameOperation(schema, parse(document), operationName)).toEqual({ type, fields });
});
