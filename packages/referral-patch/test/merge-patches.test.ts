import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyPatch,
  type JsonValue,
  mergePatches,
  type PatchOperation,
  type Referral,
} from "../src/index.ts";

const op = (name: "add" | "replace", path: string, value: JsonValue): PatchOperation => ({
  op: name,
  path,
  value,
});
const merged = (a: PatchOperation[], b: PatchOperation[]) => {
  const result = mergePatches(a, b);
  return result.ok
    ? result.patch.map(({ op, path, value }) => [op, path, value])
    : result.reason.code;
};

test("a later value of the same field is the only one sent", () => {
  expect(
    merged(
      [op("replace", "/name", "a"), op("replace", "/details/notes", "n")],
      [op("replace", "/details/currency", "EUR"), op("replace", "/name", "b")],
    ),
  ).toEqual([
    ["replace", "/name", "b"],
    ["replace", "/details/notes", "n"],
    ["replace", "/details/currency", "EUR"],
  ]);
});

test("a field below an object just written goes into that object", () => {
  expect(
    merged(
      [op("add", "/details", { notes: "a" }), op("replace", "/team", [])],
      [op("add", "/details/currency", "EUR"), op("add", "/team/-", { email: "a@b" })],
    ),
  ).toEqual([
    ["add", "/details", { notes: "a", currency: "EUR" }],
    ["replace", "/team", [{ email: "a@b" }]],
  ]);
});

test("people are added in order, and nobody is lost", () => {
  const [ann, bob] = [{ email: "ann@x.example" }, { email: "bob@x.example" }];
  expect(merged([op("add", "/team/-", ann)], [op("add", "/team/-", bob)])).toEqual([
    ["add", "/team/-", ann],
    ["add", "/team/-", bob],
  ]);
});

test("two changes of the state never merge", () => {
  const active = [op("replace", "/status", "Active"), op("replace", "/substatus", "Accepted")];
  const won = [op("replace", "/status", "Closed"), op("replace", "/substatus", "Won")];
  expect(merged(active, won)).toBe("STATUS_CHANGED_TWICE");
  expect(merged(won.slice(1), active)).toBe("STATUS_CHANGED_TWICE");
  expect(merged(active, [op("replace", "/name", "x")])).toHaveLength(3);
});

test("what cannot apply in a row does not merge, nor what is over the limits", () => {
  expect(merged([op("replace", "/details", null)], [op("replace", "/details/notes", "x")])).toBe(
    "CONFLICTING_PATCHES",
  );
  expect(merged([op("add", "/details", {})], [op("add", "/details/__proto__", 1)])).toBe(
    "CONFLICTING_PATCHES",
  );
  const many = Array.from({ length: 60 }, (_, index) =>
    op("add", "/team/-", { email: `${index}@x` }),
  );
  expect(merged(many, many)).toBe("TOO_MANY_OPERATIONS");
  const long = [op("replace", "/details/notes", "x".repeat(40_000))];
  expect(merged(long, [op("replace", "/statusReason", "x".repeat(40_000))])).toBe("TOO_LARGE");
  expect(merged(long, long)).toHaveLength(1);
});

test("neither patch is changed by merging", () => {
  const a = [op("add", "/details", { requirements: { products: [] } })];
  const b = [op("add", "/details/requirements/products/-", { id: "p" })];
  const before = structuredClone([a, b]);
  expect(merged(a, b)).toEqual([
    ["add", "/details", { requirements: { products: [{ id: "p" }] } }],
  ]);
  expect([a, b]).toEqual(before);
});

const scalar = fc.constantFrom<JsonValue>(1, "x", null);
const member = fc.record({ email: fc.constantFrom("a@x", "b@x") }, { noNullPrototype: true });
const details = fc.record(
  {
    notes: scalar,
    currency: scalar,
    requirements: fc.record(
      { products: fc.array(member, { maxLength: 2 }) },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const value = fc.oneof<fc.Arbitrary<JsonValue>[]>(
  scalar,
  member,
  details,
  fc.array(member, { maxLength: 3 }),
);
const path = fc.constantFrom(
  ...[
    "/name",
    "/status",
    "/details",
    "/details/notes",
    "/details/currency",
    "/details/requirements",
  ],
  ...[
    "/details/requirements/products",
    "/details/requirements/products/-",
    "/details/requirements/products/0",
  ],
  ...[
    "/team",
    "/team/-",
    "/team/0",
    "/team/1",
    "/team/2",
    "/team/0/email",
    "/team/1/email",
    "/details/new",
    "/details/0",
  ],
);
const patches = fc.array(
  fc.record(
    { op: fc.constantFrom("add" as const, "replace" as const), path, value },
    { noNullPrototype: true },
  ),
  { maxLength: 4 },
);
const referral = fc.record(
  {
    id: fc.constant("1"),
    status: fc.constant("New"),
    name: scalar,
    details: fc.oneof<fc.Arbitrary<JsonValue>[]>(
      details,
      scalar,
      fc.array(member, { maxLength: 2 }),
    ),
    team: fc.oneof<fc.Arbitrary<JsonValue>[]>(fc.array(member, { maxLength: 3 }), scalar),
  },
  { requiredKeys: ["id", "status"], noNullPrototype: true },
);

test("law 7: a merged patch does what the two do in a row, failing where they fail", () => {
  let merges = 0;
  let successes = 0;
  fc.assert(
    fc.property(referral, patches, patches, (document, a, b) => {
      const result = mergePatches(a, b);
      if (!result.ok) {
        if (result.reason.code !== "CONFLICTING_PATCHES") return;
        const first = applyPatch(document as Referral, a);
        expect(first.ok && applyPatch(first.referral, b).ok).toBe(false);
        return;
      }
      merges++;
      const first = applyPatch(document as Referral, a);
      const second = first.ok ? applyPatch(first.referral, b) : first;
      const atOnce = applyPatch(document as Referral, result.patch);
      expect(atOnce.ok).toBe(second.ok);
      if (atOnce.ok && second.ok) {
        successes++;
        expect(atOnce.referral).toEqual(second.referral);
      }
      expect(result.patch.length).toBeLessThanOrEqual(a.length + b.length);
    }),
    { numRuns: 20_000 },
  );
  // Guards against a generator that only makes trivial cases.
  expect(merges).toBeGreaterThan(5_000);
  expect(successes).toBeGreaterThan(1_500);
});
