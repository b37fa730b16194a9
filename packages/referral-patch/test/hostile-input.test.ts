import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import {
  diffReferrals,
  type Issue,
  parseETag,
  parseReferral,
  parseReferralChanges,
  parseReferralId,
  type Referral,
  validatePatch,
} from "../src/index.ts";
import { sampleReferral } from "./sample.ts";

const issuesOf = (result: { ok: true } | { ok: false; issues: Issue[] }) =>
  result.ok ? [] : result.issues.map(({ code, path }) => `${code} ${path}`);
const changes = (input: unknown) => issuesOf(parseReferralChanges(input));
const patchValue = (value: unknown) =>
  issuesOf(validatePatch([{ op: "add", path: "/details/new", value }]));

afterEach(() => {
  expect(({} as Record<string, unknown>).polluted).toBe(undefined);
});

test("prototype names are refused at every level", () => {
  expect(
    changes(JSON.parse('{"__proto__":{"polluted":1},"details":{"constructor":{"prototype":1}}}')),
  ).toEqual(["FORBIDDEN_SEGMENT /__proto__", "FORBIDDEN_SEGMENT /details/constructor"]);
  expect(patchValue(JSON.parse('{"a":[{"__proto__":{"polluted":1}}]}'))).toEqual([
    "FORBIDDEN_SEGMENT /0/value/a/0/__proto__",
  ]);
});

test("a document with a prototype name is read without it", () => {
  const result = parseReferral(
    JSON.parse('{"id":"1","status":"New","__proto__":{"polluted":1},"constructor":5}'),
  );
  expect(result).toEqual({ ok: true, referral: { id: "1", status: "New", constructor: 5 } });
  expect(result.ok && result.referral.polluted).toBe(undefined);
});

test("text of ten megabytes, and lists and objects as large, are refused", () => {
  const huge = "x".repeat(10_000_000);
  expect(changes({ name: huge, details: { notes: huge } })).toEqual([
    "TOO_LARGE /name",
    "TOO_LARGE /details/notes",
  ]);
  expect(changes({ [huge]: 1 })).toEqual(["TOO_LARGE "]);
  expect(patchValue(huge)).toEqual(["TOO_LARGE /0/value"]);
  expect(changes({ customerProfile: { ids: new Array(10_000_000).fill(null) } })).toEqual([
    "TOO_LARGE ",
  ]);
  expect(parseReferralId(huge).ok || parseETag(`"${huge}"`).ok).toBe(false);
  expect(changes({ details: { dealValue: `1${"0".repeat(60_000)}` } })).toEqual([]);
});

test("a flood of mistakes gets a bounded answer", () => {
  const flood = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`f${index}`, index]),
  );
  expect(changes(flood)).toHaveLength(100);
  expect(changes({ team: { add: new Array(1_000_000) } })).toHaveLength(100);
  const result = validatePatch([{ op: "add", path: "/details", value: flood }]);
  expect(result.ok && result.warnings).toHaveLength(100);
});

test("circles end", () => {
  const circle: Record<string, unknown> = { notes: "x" };
  circle.a = circle;
  circle.b = [circle, circle];
  expect(changes({ details: circle }).join()).toContain("TOO_DEEP /details/a/a/a/a/a/a/a");
  expect(patchValue(circle).length).toBeGreaterThan(0);
  expect(parseReferral({ ...sampleReferral(), circle }).ok).toBe(false);
  const twin: Record<string, unknown> = { notes: "y" };
  twin.a = twin;
  twin.b = [twin, twin];
  const diff = diffReferrals(
    { ...sampleReferral(), details: circle } as Referral,
    { ...sampleReferral(), details: twin } as Referral,
  );
  expect(diff.ok).toBe(false);
});

test.each([
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["a bigint", 1n],
  ["a date", new Date(0)],
  ["a map", new Map()],
  ["half a surrogate pair", "\ud800"],
  ["bytes", new Uint8Array(3)],
  ["text in a box", Object("x")],
  ["a hole", new Array(1)],
])("%s is not JSON", (_name, value) => {
  const [first] = changes({ name: value });
  expect(first).toMatch(/^INVALID_VALUE \/name/);
  expect(patchValue({ deep: value })[0]).toMatch(/^INVALID_VALUE \/0\/value\/deep/);
});

test("members that are undefined count as absent", () => {
  expect(
    parseReferralChanges({ name: undefined, details: { notes: undefined, currency: "EUR" } }),
  ).toEqual({
    ok: true,
    changes: { details: { currency: "EUR" } },
  });
});

test("input that throws when looked at is an issue", () => {
  const trap = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("no");
      },
      getPrototypeOf: () => {
        throw new Error("no");
      },
    },
  );
  const getter = {
    get name() {
      throw new Error("no");
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const input of [trap, getter, { details: trap }, proxy])
    expect(changes(input)).toEqual(["INVALID_VALUE "]);
  for (const input of [trap, [trap], [{ op: "add", path: "/name", value: trap }]])
    expect(validatePatch(input).ok).toBe(false);
  expect(parseReferral(trap).ok).toBe(false);
});

test("no input at all makes a parser throw", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
  });
  const operation = fc.record({
    op: fc.oneof(fc.constant("add"), anything),
    path: fc.oneof(fc.constantFrom("/team/-", "/details", "/status", "/"), fc.string(), anything),
    value: anything,
  });
  fc.assert(
    fc.property(anything, fc.array(operation), (input, operations) => {
      for (const result of [
        parseReferral(input),
        parseReferralChanges(input),
        validatePatch(input),
        validatePatch(operations, { current: sampleReferral() }),
      ])
        expect(result.ok || result.issues.length > 0).toBe(true);
      parseReferralId(input);
      parseETag(input);
    }),
    { numRuns: 2_000 },
  );
});

test("an id cannot reach another path, an ETag cannot reach another header", () => {
  expect(parseReferralId("61c65491-2f2c-461a-84b4-3654499bc1d9").ok).toBe(true);
  for (const id of [
    "",
    ".",
    "..",
    "a/b",
    "a%2fb",
    "a?b",
    "a#b",
    "a b",
    "a\n",
    "é",
    "x".repeat(129),
    5,
    null,
    ["a"],
  ])
    expect(parseReferralId(id).ok).toBe(false);
  expect(parseETag('"2500ec5a-0000-0000-0000-5bf4967d0000"')).toMatchObject({ ok: true });
  for (const etag of ["2500ec5a", '"a"\r\nx: "b"', '"a" "b"', "*", 5])
    expect(parseETag(etag).ok).toBe(false);
});

test("reading is lenient: unknown properties, enum values and nulls survive", () => {
  const doc = {
    id: "1",
    status: "Archived",
    substatus: null,
    qualification: "Fresh",
    details: { dealValue: "12.50", forecast: { deep: [1] } },
    team: [{ email: null, role: "Owner" }],
    customerProfile: null,
    brandNew: { x: 1 },
  };
  expect(parseReferral(doc)).toEqual({ ok: true, referral: doc });
  expect(issuesOf(parseReferral({ status: 5, team: "x" }))).toEqual([
    "INVALID_VALUE /id",
    "INVALID_VALUE /status",
    "INVALID_VALUE /team",
  ]);
});
