import { describe, expect, test } from "vitest";
import { cellsOfRow } from "../src/bulk/row-cells.ts";

const REFERRAL = "61c65491-2f2c-461a-84b4-3654499bc1d9";
const cells = (changes: object) => {
  const { referralId, ...rest } = cellsOfRow({ referralId: REFERRAL, intent: { changes } });
  expect(referralId).toBe(REFERRAL);
  return rest;
};

describe("changes as cells", () => {
  test.each<[what: string, changes: object, cells: Record<string, string>]>([
    ["text", { name: "Contoso" }, { name: "Contoso" }],
    ["text with blanks", { name: " a\r\nb " }, { name: " a\r\nb " }],
    ["what looks like a formula", { name: "=1+1" }, { name: "=1+1" }],
    ["null", { details: { notes: null } }, { "details.notes": "\\N" }],
    ["money as text", { details: { dealValue: "10.50" } }, { "details.dealValue": "10.50" }],
    ["money as a number", { details: { dealValue: 1e3 } }, { "details.dealValue": "1000" }],
    ["flags", { consent: { consentToContact: false } }, { "consent.consentToContact": "false" }],
    [
      "lists",
      { details: { requirements: { products: [{ id: "a" }] } } },
      { "details.requirements.products": '[{"id":"a"}]' },
    ],
    [
      "nested fields",
      { customerProfile: { address: { city: "Redmond", region: null } } },
      { "customerProfile.address.city": "Redmond", "customerProfile.address.region": "\\N" },
    ],
    ["groups with nothing in them", { details: {}, name: "x" }, { name: "x" }],
    ["the CRM's id as a value", { externalReferenceId: "crm-1" }, { externalReferenceId: "crm-1" }],
    [
      "members",
      { team: { add: [{ email: "a@b.c" }], update: [{ email: "d@e.f", lastName: null }] } },
      { "team.add": '[{"email":"a@b.c"}]', "team.update": '[{"email":"d@e.f","lastName":null}]' },
    ],
  ])("%s", (_what, changes, expected) => {
    expect(cells(changes)).toEqual(expected);
  });

  test.each<[what: string, changes: object, patch: unknown]>([
    ["an empty text", { name: "" }, [{ op: "replace", path: "/name", value: "" }]],
    ["the text \\N", { name: "\\N" }, [{ op: "replace", path: "/name", value: "\\N" }]],
    [
      "null for a whole group",
      { name: "x", details: null },
      [
        { op: "replace", path: "/name", value: "x" },
        { op: "replace", path: "/details", value: null },
      ],
    ],
    [
      "one of them beside a new member",
      { name: "", team: { add: [{ email: "a@b.c" }] } },
      [
        { op: "replace", path: "/name", value: "" },
        { op: "add", path: "/team/-", value: { email: "a@b.c" } },
      ],
    ],
  ])("what cells cannot say is said as operations: %s", (_what, changes, patch) => {
    const { patch: cell = "", ...others } = cells(changes);
    expect(others).toEqual({});
    expect(JSON.parse(cell)).toEqual(patch);
  });
});

test("a row by external id is named by it, also when its referral is known by now", () => {
  const intent = { changes: { name: "x" } };
  const row = { referralId: REFERRAL, externalReferenceId: "crm-1", intent, ifMatch: '"1"' };
  expect(cellsOfRow(row)).toEqual({ externalReferenceId: "crm-1", ifMatch: '"1"', name: "x" });
  // Its column can hold only one of the two: the name of the row, not the value to be written.
  const renamed = { ...row, intent: { changes: { externalReferenceId: "crm-2" } } };
  expect(cellsOfRow(renamed)).toEqual({
    externalReferenceId: "crm-1",
    ifMatch: '"1"',
    patch: '[{"op":"replace","path":"/externalReferenceId","value":"crm-2"}]',
  });
});

test("raw operations are one cell", () => {
  const patch = [{ op: "add", path: "/team/-", value: { email: "a@b.c" } }] as const;
  expect(cellsOfRow({ referralId: REFERRAL, intent: { patch } })).toEqual({
    referralId: REFERRAL,
    patch: JSON.stringify(patch),
  });
});
