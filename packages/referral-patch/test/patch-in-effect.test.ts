import { expect, test } from "vitest";
import { applyPatch, isPatchInEffect, type JsonValue, type PatchOperation } from "../src/index.ts";
import { sampleReferral } from "./sample.ts";

const replace = (path: string, value: JsonValue): PatchOperation => ({
  op: "replace",
  path,
  value,
});
const add = (path: string, value: JsonValue): PatchOperation => ({ op: "add", path, value });

test.each<[string, PatchOperation[]]>([
  ["a field", [replace("/name", "n")]],
  ["the state", [replace("/status", "Closed"), replace("/substatus", "Won")]],
  ["a person", [add("/team/-", { email: "new@contoso.com", firstName: "New" })]],
  [
    "two people and a correction",
    [
      add("/team/-", { email: "n@x" }),
      add("/team/-", { email: "m@x" }),
      replace("/team/0/phoneNumber", "8"),
    ],
  ],
  ["a contact of the customer", [add("/customerProfile/team/-", { email: "n@x" })]],
  ["a tag", [add("/details/requirements/products/-", { id: "PowerBI" })]],
  ["a person at a place", [add("/team/0", { email: "first@x" })]],
  [
    "a value written over",
    [
      replace("/name", "a"),
      replace("/name", "b"),
      replace("/details/notes", "x"),
      replace("/details", { notes: "y" }),
    ],
  ],
  ["undocumented", [add("/details/forecast", { q: [1] })]],
])("%s: not in effect before, in effect after", (_name, patch) => {
  const before = sampleReferral();
  expect(isPatchInEffect(patch, before)).toBe(false);
  const after = applyPatch(before, patch);
  expect(after.ok && isPatchInEffect(patch, after.referral)).toBe(true);
});

test("part of the effect is not the effect", () => {
  const patch = [replace("/name", "n"), add("/team/-", { email: "new@contoso.com" })];
  expect(isPatchInEffect(patch, { ...sampleReferral(), name: "n" })).toBe(false);
  const both = [
    add("/team/-", { email: "ann@x.example" }),
    add("/team/-", { email: "bob@x.example" }),
  ];
  const onlyBob = { ...sampleReferral(), team: [{ email: "bob@x.example" }] };
  expect(isPatchInEffect(both, onlyBob)).toBe(false);
});

test("what the server does to stored values is tolerated", () => {
  const current = sampleReferral();
  current.team?.push({
    email: "NEW@contoso.com",
    firstName: "New",
    contactPreference: { locale: "en", disableNotifications: true },
  });
  const stored = [
    replace("/details/dealValue", "50000.00"),
    replace("/details", { dealValue: "5e4", closingDateTime: "2026-06-30T02:00:00.000+02:00" }),
    replace("/statusReason", null),
    add("/team/-", { email: "new@contoso.com", firstName: "New", lastName: null }),
    add("/team/-", { email: "new@contoso.com", contactPreference: { locale: "en" } }),
  ];
  for (const operation of stored)
    expect([operation.path, isPatchInEffect([operation], current)]).toEqual([operation.path, true]);
  const missing = [
    replace("/details/dealValue", "50000.01"),
    replace("/name", null),
    add("/team/-", { email: "new@contoso.com", firstName: "Other" }),
    replace("/team/9/email", "x@y"),
    replace("/details/requirements/products", []),
  ];
  for (const operation of missing)
    expect([operation.path, isPatchInEffect([operation], current)]).toEqual([
      operation.path,
      false,
    ]);
});

test("an empty patch is always in effect", () => {
  expect(isPatchInEffect([], sampleReferral())).toBe(true);
});
