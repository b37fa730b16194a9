import { expect, test } from "vitest";
import {
  applyPatch,
  buildPatch,
  changesNeedState,
  MAX_BODY_BYTES,
  type PatchOptions,
  parseReferralChanges,
  type Referral,
  type ReferralChanges,
} from "../src/index.ts";
import { sampleReferral } from "./sample.ts";

const build = (changes: ReferralChanges, options?: PatchOptions) => {
  const result = buildPatch(changes, options);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.patch.map(({ op, path, value }) => [op, path, value]);
};
const codes = (changes: unknown, options?: PatchOptions) => {
  const result = buildPatch(changes as ReferralChanges, options);
  return result.ok ? "ok" : result.issues.map(({ code, path }) => `${code} ${path}`);
};
const jane = { email: "jane.doe@contoso.com", firstName: "Jane", lastName: "Doe" };

test("the vendor's three samples come out as documented", () => {
  expect(build({ details: { notes: "x", dealValue: "10000" } })).toEqual([
    ["replace", "/details/dealValue", "10000"],
    ["replace", "/details/notes", "x"],
  ]);
  expect(build({ substatus: "Won", status: "Closed" })).toEqual([
    ["replace", "/status", "Closed"],
    ["replace", "/substatus", "Won"],
  ]);
  expect(build({ team: { add: [jane] } })).toEqual([["add", "/team/-", jane]]);
});

test("operations come in a fixed order, whatever the order of the changes", () => {
  const paths = build({
    team: { add: [jane] },
    inviteContext: { notes: "n" },
    details: {
      requirements: { products: [{ id: "p" }] },
      closingDateTime: "2026-01-01T00:00:00Z",
      currency: "EUR",
    },
    consent: { consentToContact: false },
    customerProfile: { ids: [], address: { city: "Oslo", addressLine1: "a" }, name: "c" },
    qualification: "Direct",
    statusReason: "r",
    status: "Active",
    externalReferenceId: "e",
    name: null,
  }).map(([, path]) => path);
  expect(paths).toEqual([
    "/name",
    "/externalReferenceId",
    "/status",
    "/substatus",
    "/statusReason",
    "/qualification",
    "/customerProfile/name",
    "/customerProfile/address/addressLine1",
    "/customerProfile/address/city",
    "/customerProfile/ids",
    "/consent/consentToContact",
    "/details/currency",
    "/details/closingDateTime",
    "/details/requirements/products",
    "/inviteContext/notes",
    "/team/-",
  ]);
});

test("with the current referral, equal fields cost nothing and absent members are added", () => {
  const current = sampleReferral();
  current.details = { dealValue: 50000, notes: "Wants a pilot" };
  expect(
    build(
      {
        details: { dealValue: "50000.00", notes: "Wants a pilot", currency: "USD" },
        name: "New name",
      },
      { current },
    ),
  ).toEqual([
    ["replace", "/name", "New name"],
    ["add", "/details/currency", "USD"],
  ]);
});

test("an absent or null parent is added with the fields in it", () => {
  const current: Referral = { id: "1", status: "New", details: null };
  expect(
    build(
      {
        details: { requirements: { products: [{ id: "p" }] }, dealValue: 1, notes: null },
        customerProfile: { address: {} },
      },
      { current },
    ),
  ).toEqual([
    ["add", "/details", { dealValue: 1, notes: null, requirements: { products: [{ id: "p" }] } }],
  ]);
});

test("what was built applies, and afterwards nothing is left to do", () => {
  const changes: ReferralChanges = {
    name: null,
    status: "Closed",
    substatus: "Lost",
    customerProfile: { address: { region: "West" }, size: "51to250employees" },
    inviteContext: { invitedBy: { organizationName: "x" } },
    team: {
      add: [jane],
      update: [{ email: "EVE@contoso.com", contactPreference: { locale: "de" } }],
    },
  };
  for (const current of [
    sampleReferral(),
    { ...sampleReferral(), customerProfile: null, inviteContext: {} },
  ]) {
    const built = buildPatch(changes, { current });
    if (!built.ok) throw new Error(JSON.stringify(built.issues));
    const applied = applyPatch(current, built.patch);
    if (!applied.ok) throw new Error(JSON.stringify(applied.issues));
    expect(applied.referral.status).toBe("Closed");
    expect(buildPatch(changes, { current: applied.referral })).toMatchObject({
      ok: true,
      patch: [],
    });
  }
});

test("money keeps the caller's spelling", () => {
  expect(build({ details: { dealValue: "10000.10" } })[0]?.[2]).toBe("10000.10");
  expect(build({ details: { dealValue: 10000 } })[0]?.[2]).toBe(10000);
});

test("a person is added once: not when already there, nor twice in one call, in any spelling", () => {
  const current = sampleReferral();
  expect(build({ team: { add: [{ email: "JOHN.DOE@CONTOSO.COM" }] } }, { current })).toEqual([]);
  expect(build({ team: { add: [jane, { email: "Jane.Doe@Contoso.com" }] } })).toEqual([
    ["add", "/team/-", jane],
  ]);
  expect(build({ team: { add: [jane] } }, { current: { ...current, team: null } })).toEqual([
    ["add", "/team", [jane]],
  ]);
});

test("a person is updated field by field at their place, and only with the current team", () => {
  const current = sampleReferral();
  const update = [
    {
      email: "EVE@contoso.com",
      phoneNumber: "4",
      lastName: "Ray",
      contactPreference: { locale: "de" },
    },
  ];
  expect(build({ team: { update } }, { current })).toEqual([
    ["replace", "/team/1/phoneNumber", "4"],
    ["add", "/team/1/contactPreference", { locale: "de" }],
  ]);
  expect(codes({ team: { update } })).toEqual(["NEEDS_CURRENT_STATE /team/update/0"]);
  expect(codes({ team: { update: [jane] } }, { current })).toEqual([
    "MEMBER_NOT_FOUND /team/update/0",
  ]);
  expect(
    codes({ team: { update: [jane, { email: "JANE.doe@contoso.com" }] } }, { current }),
  ).toEqual(["DUPLICATE_MEMBER /team/update/1/email"]);
});

test("status rules", () => {
  const current = sampleReferral();
  const closed: Referral = { ...current, status: "Closed", substatus: "Won" };
  expect(build({ status: "Active" })).toEqual([
    ["replace", "/status", "Active"],
    ["replace", "/substatus", "Accepted"],
  ]);
  expect(build({ status: "Closed" }, { current: closed })).toEqual([]);
  expect(build({ status: "Closed", substatus: "Lost" }, { current: closed })).toEqual([
    ["replace", "/substatus", "Lost"],
  ]);
  expect(build({ substatus: "Received" }, { current })).toEqual([
    ["replace", "/substatus", "Received"],
  ]);
  expect(build({ substatus: "Won" })).toEqual([["replace", "/substatus", "Won"]]);
  expect(codes({ status: "Closed" })).toEqual(["SUBSTATUS_REQUIRED /substatus"]);
  expect(codes({ status: "Active", substatus: "Won" })).toEqual([
    "TRANSITION_NOT_ALLOWED /substatus",
  ]);
  expect(codes({ status: "Active" }, { current: closed })).toEqual([
    "TRANSITION_NOT_ALLOWED /status",
  ]);
  expect(codes({ substatus: "Won" }, { current })).toEqual(["TRANSITION_NOT_ALLOWED /substatus"]);
  expect(codes({ status: "None" })).toEqual(["TRANSITION_NOT_ALLOWED /status"]);
  expect(codes({ substatus: "None" })).toEqual(["TRANSITION_NOT_ALLOWED /substatus"]);
  expect(
    build({ status: "Closed", substatus: "Won" }, { current: { ...current, status: "Thawing" } }),
  ).toHaveLength(2);
  expect(
    codes(
      { status: "Closed", substatus: "Won" },
      { current, policy: (from) => from.status === "Active" },
    ),
  ).toEqual(["TRANSITION_NOT_ALLOWED /status"]);
});

test("every issue is reported, and only unknown values of open lists pass with a warning", () => {
  expect(
    codes({
      nme: "x",
      status: "Won",
      details: { dealValue: "ten", currency: "Euro" },
      team: { remove: [] },
    }),
  ).toEqual([
    "INVALID_VALUE /status",
    "INVALID_VALUE /details/dealValue",
    "INVALID_VALUE /details/currency",
    "UNKNOWN_FIELD /team/remove",
    "UNKNOWN_FIELD /nme",
  ]);
  expect(buildPatch({ customerProfile: { size: "2employees" } })).toMatchObject({
    ok: true,
    warnings: [{ code: "UNKNOWN_VALUE", path: "/customerProfile/size" }],
  });
});

test("a patch over the limits is refused", () => {
  const add = Array.from({ length: 101 }, (_, index) => ({ email: `p${index}@x.example` }));
  expect(codes({ team: { add } })).toEqual(["TOO_MANY_OPERATIONS "]);
  expect(codes({ team: { add: add.slice(1) } })).toBe("ok");
});

test("only status, substatus and the team need the current state", () => {
  expect(changesNeedState({ name: "x", details: { notes: "y" }, team: { add: [] } })).toBe(false);
  for (const changes of [
    { status: "Active" },
    { substatus: "Won" },
    { team: { add: [jane] } },
    { team: { update: [jane] } },
  ] as ReferralChanges[])
    expect(changesNeedState(changes)).toBe(true);
});

test("changes that were parsed need not be parsed again: same patch, same refusals", () => {
  const inputs = [
    { name: "x", details: { dealValue: "10.50", requirements: { products: [{ id: "p" }] } } },
    { status: "Closed" as const },
    { team: { add: [{ email: "jane@contoso.com" }], update: [{ email: "joe@contoso.com" }] } },
    { customerProfile: { size: "huge" } },
    { details: { notes: "x".repeat(65_000) } },
    { details: { notes: "\u0000".repeat(10_900) } },
    { details: { notes: "\u0000".repeat(10_915) } },
  ];
  for (const input of inputs) {
    const parsed = parseReferralChanges(input);
    const changes = parsed.ok ? parsed.changes : {};
    expect(parsed.ok).toBe(true);
    expect(buildPatch(changes, { isParsed: true })).toEqual(buildPatch(input));
  }
});

test("a patch whose operations are larger than their changes is refused, to the byte", () => {
  const sizeOf = (notes: string) =>
    JSON.stringify([{ op: "replace", path: "/details/notes", value: notes }]).length;
  const rest = MAX_BODY_BYTES - sizeOf("");
  const build = (length: number) => buildPatch({ details: { notes: "x".repeat(length) } });
  expect(build(rest).ok).toBe(true);
  expect(build(rest + 1)).toMatchObject({ ok: false, issues: [{ code: "TOO_LARGE" }] });
});
