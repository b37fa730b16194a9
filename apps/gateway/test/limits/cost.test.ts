import { expect, test } from "vitest";
import { checkDocument } from "../../src/limits/check-document.ts";
import { pointsOf } from "../../src/limits/cost.ts";
import { LIMITS } from "../../src/limits/limits.ts";
import { Meter } from "../../src/limits/meter.ts";
import { parseWithinLimits } from "../../src/limits/parse-within-limits.ts";
import { schema } from "../../src/schema/schema.ts";

/** Of the only operation. */
function costOf(text: string, variables: Record<string, unknown> = {}): number {
  const [cost] = checkDocument(schema, parseWithinLimits(text), new Meter()).values();
  return pointsOf(cost ?? Number.NaN, variables);
}

test("each field costs, a lookup more, the upstream most", () => {
  expect(costOf("{ queue { waiting active } }")).toBe(3);
  expect(costOf('{ referralUpdate(id: "u") { id state } }')).toBe(10 + 2);
  expect(costOf('{ referral(id: "r") { id } }')).toBe(1_000 + 1);
  expect(costOf('{ referralUpdate(id: "u") { referral { id } } }')).toBe(10 + 1_000 + 1);
  expect(costOf('mutation { cancelReferralUpdate(id: "u") { __typename } }')).toBe(5_000 + 1);
});

test("a list of referrals is one read upstream, each referral of an update is another", () => {
  expect(costOf("{ referrals(first: 100) { nodes { id } } }")).toBe(1_000 + 100 * 2);
  const edges = "{ referrals(first: 100) { edges { node { id } } } }";
  expect(costOf(edges)).toBe(1_000 + 100 * 3);
  const ofUpdates = '{ referral(id: "r") { updates(first: 100) { nodes { referral { id } } } } }';
  expect(costOf(ofUpdates)).toBe(1_000 + 100 + 100 * (1 + 1_000 + 1));
});

const page = (first: string, declared = "($n: Int)") => `query ${declared} {
  bulkUpdate(id: "b") { items${first} { edges { node { id } } pageInfo { endCursor } } } }`;

test.each([
  ["as written", page("(first: 7)"), {}, 7],
  ["by default", page(""), {}, 100],
  ["by a variable", page("(first: $n)"), { n: 7 }, 7],
  ["by a variable that is absent", page("(first: $n)"), {}, 100],
  ["by a variable's own default", page("(first: $n)", "($n: Int = 9)"), {}, 9],
  ["by null", page("(first: null)"), {}, 100],
  ["by a variable that is null", page("(first: $n)"), { n: null }, 100],
  ["by what is no number", page("(first: $n)"), { n: "1" }, 100],
  ["by less than nothing", page("(first: $n)"), { n: -5 }, 0],
  ["by more than any list answers", page("(first: 2000000000)"), {}, 1_000],
  ["by a prototype's variable", page("(first: $n)"), Object.create({ n: 1 }), 100],
])("a page multiplies what is in it, its size given %s", (_name, text, variables, size) => {
  expect(costOf(text, variables)).toBe(10 + 10 + size * 3 + 2);
});

test("a page in a page multiplies; fragments and what is asked for twice are counted once", () => {
  const text = `query ($a: Int, $b: Int) { bulkUpdates(first: $a) { nodes { ...Rows } } }
    fragment Rows on BulkUpdate { items(first: $b) { nodes { id } nodes { id state } } }`;
  expect(costOf(text, { a: 10, b: 20 })).toBe(10 + 10 * (1 + 10 + 20 * 3));
});

test("what became of each of many referrals is dear however little of it is asked for", () => {
  const trails = Array.from(
    { length: 20 },
    (_, n) => `a${n}: auditTrail(first: 1) { nodes { id } }`,
  );
  const text = `{ referrals(first: 100) { nodes { ${trails.join(" ")} } } }`;
  expect(costOf(text)).toBeGreaterThan(LIMITS.cost);
  const screen =
    "{ referrals(first: 50) { nodes { id updates(first: 5) { nodes { id state } } } } }";
  expect(costOf(screen)).toBeLessThan(LIMITS.cost / 10);
});

test("other lists are taken for a few elements, a subscription for a few events", () => {
  expect(costOf('{ referralUpdate(id: "u") { patch { op path } } }')).toBe(10 + 5 * 3);
  expect(costOf('subscription { referralUpdateChanged(id: "u") { id } }')).toBe(10 * (10 + 1));
});

test("reading the schema is dear enough that it cannot be asked for again and again", () => {
  const schemas = (count: number): string =>
    `{ ${Array.from({ length: count }, (_, n) => `s${n}: __schema { types { name } }`).join(" ")} }`;
  expect(costOf(schemas(1))).toBeLessThan(LIMITS.cost);
  expect(costOf(schemas(8))).toBeGreaterThan(LIMITS.cost);
});

test("what the schema does not have costs as any field: GraphQL will refuse it", () => {
  expect(costOf("{ nothing(first: 100) { nodes { at all } } }")).toBe(4);
});
