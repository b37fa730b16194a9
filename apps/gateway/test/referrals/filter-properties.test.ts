import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldType, filterFields } from "../../src/referrals/filter-fields.ts";
import {
  type FilterTree,
  join,
  type Literal,
  OPERATORS,
  type Operator,
  printFilter,
} from "../../src/referrals/filter-tree.ts";
import { parseFilter } from "../../src/referrals/parse-filter.ts";

const anew = (filter: string): string => printFilter(parseFilter(filter));

const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("'", "''", "' or 1 eq 1 or '", "%27"),
  )
  .filter(
    (made) => made.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(made) && made.length < 200,
  );
const isOrdered = (operator: Operator) => operator !== "eq" && operator !== "ne";
const comparison: fc.Arbitrary<FilterTree> = fc
  .record({
    field: fc.constantFrom(...filterFields),
    operator: fc.constantFrom(...OPERATORS),
    text,
    decimal: fc.tuple(fc.integer(), fc.nat(999)).map(([whole, part]) => `${whole}.${part}`),
    at: fc.date({
      min: new Date("0001-01-01"),
      max: new Date("9999-12-31"),
      noInvalidDate: true,
    }),
    isTrue: fc.boolean(),
    isNull: fc.boolean(),
    which: fc.nat(),
  })
  .map(({ field, operator, ...values }): FilterTree => {
    const type = fieldType(field) ?? "text";
    const hasNoOrder = type === "boolean" || typeof type === "object" || values.isNull;
    const literals: Record<string, Literal> = {
      text: { type: "text", text: values.text },
      decimal: { type: "decimal", text: values.decimal },
      dateTime: { type: "dateTime", text: values.at.toISOString() },
      boolean: { type: "boolean", isTrue: values.isTrue },
    };
    const literal: Literal | undefined = values.isNull
      ? { type: "null" }
      : typeof type === "object"
        ? { type: "text", text: type[values.which % type.length] ?? "" }
        : literals[type];
    return {
      kind: "comparison",
      field,
      operator: hasNoOrder && isOrdered(operator) ? "ne" : operator,
      literal: literal ?? { type: "null" },
    };
  });
const { tree } = fc.letrec<{ tree: FilterTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    comparison,
    fc.record({ kind: fc.constant("not" as const), term: tie("tree") }),
    fc
      .tuple(
        fc.constantFrom("and" as const, "or" as const),
        fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, terms]) => join(kind, terms)),
  ),
}));
// Within the bounds on length and number.
const filter = tree.filter((made) => {
  const length = printFilter(made).length;
  return (
    length <= 2_000 &&
    encodeURIComponent(printFilter(made)).length <= 6_000 &&
    (printFilter(made).match(/ (eq|ne|g[te]|l[te]) /g) ?? []).length <= 40
  );
});

test("what is printed is read as what was meant", () => {
  fc.assert(
    fc.property(filter, (made) => {
      expect(parseFilter(printFilter(made))).toEqual(made);
    }),
    { numRuns: 500 },
  );
});

test("outside texts there is nothing but names, operators and values", () => {
  const outside = /^[A-Za-z/() \d.:-]*$/;
  fc.assert(
    fc.property(filter, (made) => {
      const rest = printFilter(made)
        .replaceAll("''", "")
        .replaceAll(/'[^']*'/g, "");
      expect(rest).toMatch(outside);
    }),
    { numRuns: 500 },
  );
});

test("whatever else is written is refused with a position, or is a filter that prints the same for good", () => {
  const piece = fc.constantFrom(
    "name",
    "status",
    " ",
    "'",
    "''",
    "eq",
    "and",
    "or",
    "not",
    "(",
    ")",
    "'New'",
    "1",
    "&",
    "$",
    "%27",
    "\u2019",
    "\ud800",
    "null",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(piece).map((all) => all.join("")),
        fc.array(piece).map((all) => all.join(" ")),
      ),
      (written) => {
        let once: string;
        try {
          once = anew(written);
        } catch (error) {
          expect(error).toMatchObject({
            extensions: { code: "BAD_USER_INPUT", position: expect.any(Number) },
          });
          return;
        }
        expect(anew(once)).toBe(once);
      },
    ),
    { numRuns: 500 },
  );
});
