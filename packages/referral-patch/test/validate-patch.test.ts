import { expect, test } from "vitest";
import { type PatchOptions, patchNeedsState, type Referral, validatePatch } from "../src/index.ts";
import { sampleReferral } from "./sample.ts";

const check = (patch: unknown, options?: PatchOptions) => {
  const result = validatePatch(patch, options);
  return result.ok
    ? ["ok", ...result.warnings.map(({ code, path }) => `${code} ${path}`)]
    : result.issues.map(({ code, path }) => `${code} ${path}`);
};
const replace = (path: unknown, value: unknown = "x") => [{ op: "replace", path, value }];
const add = (path: unknown, value: unknown = "x") => [{ op: "add", path, value }];

test("the vendor's samples pass unchanged", () => {
  const samples = [
    [...replace("/details/dealValue", "10000"), ...replace("/details/notes", "new")],
    [...replace("/status", "Closed"), ...replace("/substatus", "Won")],
    add("/team/-", {
      email: "jane.doe@contoso.com",
      firstName: "Jane",
      lastName: "Doe",
      phoneNumber: "0000000001",
    }),
  ];
  for (const patch of samples) {
    expect(validatePatch(patch)).toEqual({ ok: true, patch, warnings: [] });
    expect(validatePatch(patch, { current: sampleReferral() })).toEqual({
      ok: true,
      patch,
      warnings: [],
    });
  }
});

test.each(["remove", "move", "copy", "test", "Replace", "", 7, null, undefined])(
  "operation %s is not supported",
  (op) => {
    expect(check([{ op, path: "/name", value: "x" }])).toEqual(["UNSUPPORTED_OPERATION /0/op"]);
  },
);

test.each([
  "id",
  "engagementId",
  "organizationId",
  "organizationName",
  "createdDateTime",
  "updatedDateTime",
  "acceptedDateTime",
  "expirationDateTime",
  "eTag",
  "links",
  "links/self/uri",
  "direction",
  "type",
  "",
])("/%s is the vendor's", (name) => {
  expect(check(replace(name && `/${name}`))).toEqual(["READ_ONLY_PATH /0/path"]);
});

test.each([
  ["/name", "x"],
  ["/name", null],
  ["/externalReferenceId", "x"],
  ["/statusReason", "x"],
  ["/qualification", "Direct"],
  ["/customerProfile/name", "x"],
  ["/customerProfile/address", { city: "Oslo", country: "NO" }],
  ["/customerProfile/address/postalCode", "0001"],
  ["/customerProfile/size", "1to50employees"],
  ["/customerProfile/team/-", { firstName: "x" }],
  ["/customerProfile/ids", [{ profileType: "Duns", id: "1" }]],
  ["/consent/consentToToShareInfoWithOthers", true],
  ["/consent/consentToContact", null],
  ["/details", { dealValue: 1, closingDateTime: "2028-02-29T23:59:59.123+02:00" }],
  ["/details/dealValue", 12.5],
  ["/details/requirements/solutions/-", { id: "x", type: "Name" }],
  ["/details/requirements/industries", [{ id: "any" }]],
  ["/team", []],
  ["/team/0/contactPreference/disableNotifications", true],
  ["/inviteContext/invitedBy/organizationId", "x"],
])("%s may be written", (path, value) => {
  expect(check(add(path, value))).toEqual(["ok"]);
});

test.each([
  ["/name", 5, "/0/value"],
  ["/status", "Won", "/0/value"],
  ["/status", null, "/0/value"],
  ["/qualification", "Great", "/0/value"],
  ["/customerProfile/address/country", "USA", "/0/value"],
  ["/details/dealValue", "1,000", "/0/value"],
  ["/details/dealValue", 0.1 + 0.2, "/0/value"],
  ["/details/closingDateTime", "2026-02-30T00:00:00Z", "/0/value"],
  ["/details/closingDateTime", "2026-02-03", "/0/value"],
  ["/consent/consentToContact", "yes", "/0/value"],
  ["/team/-", null, "/0/value"],
  ["/team/-", { email: "no at sign" }, "/0/value/email"],
  ["/details", { currency: "$" }, "/0/value/currency"],
  ["/customerProfile/ids", [{ profileType: "Vat", id: "1" }], "/0/value/0/profileType"],
])("%s refuses %j", (path, value, at) => {
  expect(check(replace(path === "/team/-" ? "/team/0" : path, value))).toEqual([
    `INVALID_VALUE ${at}`,
  ]);
});

test.each([
  [replace("name"), "INVALID_PATH"],
  [replace("/a~2b"), "INVALID_PATH"],
  [replace(5), "INVALID_PATH"],
  [replace("/nope"), "UNKNOWN_PATH"],
  [replace("/name/first"), "INVALID_PATH"],
  [replace("/team/-", {}), "INVALID_PATH"],
  [add("/team/-/email", "a@b"), "INVALID_PATH"],
  [add("/details/-", "x"), "INVALID_PATH"],
  [add("/team/x", {}), "INVALID_PATH"],
  [add("/team/01", {}), "INVALID_PATH"],
  [add("/team/-1", {}), "INVALID_PATH"],
  [add("/details/__proto__/x"), "FORBIDDEN_SEGMENT"],
  [add("/constructor/prototype/x"), "FORBIDDEN_SEGMENT"],
])("%j is no place to write to", (patch, code) => {
  expect(check(patch)).toEqual([`${code} /0/path`]);
});

test("what the documents do not name below a writable object passes with a warning", () => {
  expect(check(add("/details/forecast", { any: ["thing"] }))).toEqual([
    "ok",
    "UNKNOWN_PATH /0/path",
  ]);
  expect(check(add("/details", { forecast: 1, notes: "x" }))).toEqual([
    "ok",
    "UNKNOWN_PATH /0/value/forecast",
  ]);
  expect(check(add("/target/-", { type: "SolutionProfile", id: "1" }))).toEqual([
    "ok",
    "UNDOCUMENTED_PATH /0/path",
  ]);
  expect(check(replace("/customerProfile/size", "2employees"))).toEqual([
    "ok",
    "UNKNOWN_VALUE /0/value",
  ]);
});

test("every issue is reported", () => {
  expect(
    check([
      { op: "remove", path: "/name" },
      "what",
      ...replace("/id"),
      { op: "add", path: "/name" },
      ...replace("/details/currency", 1),
    ]),
  ).toEqual([
    "UNSUPPORTED_OPERATION /0/op",
    "INVALID_OPERATION /0/value",
    "INVALID_OPERATION /1",
    "READ_ONLY_PATH /2/path",
    "INVALID_OPERATION /3/value",
    "INVALID_VALUE /4/value",
  ]);
});

test("status rules hold for raw patches", () => {
  const current = sampleReferral();
  const closed: Referral = { ...current, status: "Closed", substatus: "Won" };
  expect(check(replace("/status", "Closed"))).toEqual(["SUBSTATUS_REQUIRED /0/value"]);
  expect(check(replace("/status", "Active"))).toEqual(["ok"]);
  expect(check([...replace("/substatus", "Won"), ...replace("/status", "Active")])).toEqual([
    "TRANSITION_NOT_ALLOWED /0/value",
  ]);
  expect(check(replace("/status", "Active"), { current: closed })).toEqual([
    "TRANSITION_NOT_ALLOWED /0/value",
  ]);
  expect(check(replace("/substatus", "Won"), { current })).toEqual([
    "TRANSITION_NOT_ALLOWED /0/value",
  ]);
  expect(check(replace("/substatus", "Lost"), { current: closed })).toEqual(["ok"]);
  expect(
    check([
      ...replace("/status", "Active"),
      ...replace("/status", "Closed"),
      ...replace("/substatus", "Won"),
    ]),
  ).toEqual(["STATUS_CHANGED_TWICE /1"]);
  expect(patchNeedsState([{ op: "replace", path: "/substatus", value: "Won" }])).toBe(true);
  expect(
    patchNeedsState([
      { op: "add", path: "/team/-", value: {} },
      { op: "add", path: "/statusReason", value: "" },
    ]),
  ).toBe(false);
});

test("with the current referral, a missing element is an issue and a missing member a warning", () => {
  const current = sampleReferral();
  expect(check(replace("/team/7/email", "a@b"), { current })).toEqual(["TARGET_NOT_FOUND /0/path"]);
  expect(check(replace("/statusReason"), { current })).toEqual(["ok", "TARGET_NOT_FOUND /0/path"]);
});

test("limits", () => {
  const many = (count: number) =>
    Array.from({ length: count }, () => ({ op: "add", path: "/team/-", value: {} }));
  expect(check(many(100))).toEqual(["ok"]);
  expect(check(many(101))).toEqual(["TOO_MANY_OPERATIONS "]);
  expect(check(many(3), { limits: { maxOperations: 2 } })).toEqual(["TOO_MANY_OPERATIONS "]);
  const body = (length: number) => replace("/name", "ä".repeat(length));
  const overhead = new TextEncoder().encode(JSON.stringify(body(0))).length;
  const room = Math.floor((65_536 - overhead) / 2);
  expect(check(body(room))).toEqual(["ok"]);
  expect(check(body(room + 1))).toEqual(["TOO_LARGE "]);
  let nested: unknown = 1;
  for (let i = 0; i < 6; i++) nested = { x: nested };
  expect(check(add("/details/new", nested))).toEqual(["ok", "UNKNOWN_PATH /0/path"]);
  expect(check(add("/details/new", { x: nested }))).toEqual(["TOO_DEEP /0/value"]);
});

test("an empty patch is fine, anything but a list is not", () => {
  expect(check([])).toEqual(["ok"]);
  for (const input of [null, undefined, {}, "[]", 1])
    expect(validatePatch(input)).toMatchObject({ ok: false, issues: [{ path: "" }] });
});

test("the answer is a clean copy", () => {
  const value = { email: "a@b", firstName: undefined };
  const result = validatePatch([{ op: "add", path: "/team/-", value, from: "/x" }]);
  expect(result).toEqual({
    ok: true,
    patch: [{ op: "add", path: "/team/-", value: { email: "a@b" } }],
    warnings: [expect.objectContaining({ code: "UNKNOWN_FIELD", path: "/0/from" })],
  });
});
