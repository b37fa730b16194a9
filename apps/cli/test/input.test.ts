import { expect, test } from "vitest";
import { parseExactJson } from "../src/input/exact-json.ts";
import { withAssignments } from "../src/input/field-assignments.ts";
import { nearest } from "../src/input/nearest.ts";

test("money is not rounded: a number too long for a double becomes its text", () => {
  expect(
    parseExactJson(
      '{"a": 12345678901234567.89, "b": 0.12345678901234567890, "c": -10000.50, "d": 1e400, "e": "1234567890123456789 \\" 1e999"}',
    ),
  ).toEqual({
    a: "12345678901234567.89",
    b: "0.12345678901234567890",
    c: -10000.5,
    d: "1e400",
    e: '1234567890123456789 " 1e999',
  });
  expect(() => parseExactJson('{"a": 012}')).toThrow(SyntaxError);
});

test("assignments become changes of the field's type", () => {
  expect(
    withAssignments({ details: { notes: "old", currency: "EUR" } }, [
      "details.dealValue=10000.50",
      "details.notes=a=b",
      "status=closed",
      "statusReason=\\N",
      "name=",
      "consent.consentToContact=false",
      'team.add=[{"email":"jane@contoso.com"}]',
    ]),
  ).toEqual({
    details: { dealValue: "10000.50", notes: "a=b", currency: "EUR" },
    status: "Closed",
    statusReason: null,
    name: "",
    consent: { consentToContact: false },
    team: { add: [{ email: "jane@contoso.com" }] },
  });
});

test("names that were nearly right", () => {
  const names = ["details.dealValue", "details.notes", "name"];
  expect(nearest("DETAILS.NOTES", names)).toBe("details.notes");
  expect(nearest("dealvalue", names)).toBe("details.dealValue");
  expect(nearest("detials.notes", names)).toBe("details.notes");
  expect(nearest("colour", names)).toBeUndefined();
});
