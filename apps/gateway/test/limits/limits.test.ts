import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../../src/limits/check-document.ts";
import { checkVariables } from "../../src/limits/check-variables.ts";
import { LIMITS, type Limit } from "../../src/limits/limits.ts";
import { Meter } from "../../src/limits/meter.ts";
import { parseWithinLimits } from "../../src/limits/parse-within-limits.ts";
import { schema } from "../../src/schema/schema.ts";

const times = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join(" ");

/** A document with just so much of something; not all of them fit the schema, which is looked at later. */
const DOCUMENTS: Readonly<Partial<Record<Limit, (count: number) => string>>> = {
  characters: (count) => "{ queue { waiting } }".padEnd(count),
  comments: (count) => `${"#\n".repeat(count)}{ queue { waiting } }`,
  tokens: (count) => `{ a(b: [${"1 ".repeat(count - 9)}]) }`,
  nesting: (count) => `{ a(b: ${"[".repeat(count - 2)}${"]".repeat(count - 2)}) }`,
  depth: (count) => `${"{ a ".repeat(count)}${"}".repeat(count)}`,
  aliases: (count) => `{ queue { ${times(count, (n) => `a${n}: waiting`)} } }`,
  directives: (count) => `{ queue ${"@a ".repeat(count)} { waiting } }`,
  fragments: (count) => `{ a } ${times(count, (n) => `fragment F${n} on Query { a }`)}`,
  spreads: (count) => `{ ${times(count, (n) => `...F${n}`)} }`,
  rootFields: (count) => `{ ${times(count, (n) => `a${n}`)} }`,
  repeats: (count) => `{ queue { ${"waiting ".repeat(count)} } }`,
};

function check(text: string): void {
  checkDocument(schema, parseWithinLimits(text), new Meter());
}

function refusalOf(run: () => void): GraphQLError {
  try {
    run();
  } catch (error) {
    if (error instanceof GraphQLError) {
      return error;
    }
    throw error;
  }
  throw new Error("expected a refusal");
}

test.each(Object.entries(DOCUMENTS))(
  "a document may have its limit of %s, and not one more",
  (name, write) => {
    const most = LIMITS[name as Limit];
    expect(() => check(write(most))).not.toThrow();
    const { message, extensions } = refusalOf(() => check(write(most + 1)));
    expect(message).toContain(String(most));
    expect(extensions).toMatchObject({
      code: expect.stringMatching(/^QUERY_TOO_(LONG|DEEP|COMPLEX)$/),
      http: { status: 400 },
    });
  },
);

test("nothing of the document stands in the refusal", () => {
  const secret = "jane_contoso";
  for (const text of [
    `{ ${secret} { ${secret} ${`@${secret} `.repeat(60)} } }`,
    `{ ${secret} `.repeat(60),
    `{ ...${secret} } fragment ${secret} on Query { ...${secret} }`,
    `{ ${secret}(a: "${secret} ${"x".repeat(LIMITS.characters)}") }`,
  ]) {
    expect(JSON.stringify(refusalOf(() => check(text)))).not.toContain(secret);
  }
});

describe("fragments", () => {
  test.each([
    ["itself", "{ ...A } fragment A on Query { queue { waiting } ...A }"],
    ["itself deeper down", "{ ...A } fragment A on Query { queue { ... { ...A } } }"],
    [
      "itself by others",
      "{ a } fragment A on Q { ...B } fragment B on Q { ...C } fragment C on Q { ...A }",
    ],
  ])("one that spreads %s is refused", (_name, text) => {
    expect(refusalOf(() => check(text)).extensions.code).toBe("QUERY_TOO_DEEP");
  });

  test("what they come to when they are spread out is what counts", () => {
    const doubling = (count: number): string =>
      `{ ...F0 } ${times(count, (n) => `fragment F${n} on Query { a { ...F${n + 1} } b { ...F${n + 1} } }`)}
       fragment F${count} on Query { c }`;
    expect(() => check(doubling(6))).not.toThrow();
    expect(refusalOf(() => check(doubling(15))).extensions.code).toBe("QUERY_TOO_COMPLEX");
  });

  test("one that nothing spreads is looked at as well: GraphQL validates it", () => {
    const text = `{ queue { waiting } } fragment F on QueueStatus { ${"waiting ".repeat(31)} }`;
    expect(refusalOf(() => check(text)).message).toContain("one field in one place");
  });

  test("the same field is counted together wherever it comes from", () => {
    const inline = `{ ${"... on Query { queue { waiting } } ".repeat(31)} }`;
    expect(refusalOf(() => check(inline)).message).toContain("one field in one place");
    const nested = `{ ${"queue { a { b } a { b } a { b } a { b } a { b } a { b } } ".repeat(6)} }`;
    expect(refusalOf(() => check(nested)).message).toContain("one field in one place");
  });
});

describe("variables", () => {
  const nested = (levels: number): unknown =>
    JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

  test("may be nested so deeply, and no deeper, however deep that is", () => {
    expect(() => checkVariables(undefined)).not.toThrow();
    expect(() => checkVariables({ a: nested(LIMITS.variableDepth - 1) })).not.toThrow();
    for (const levels of [LIMITS.variableDepth + 1, 500_000]) {
      const refusal = refusalOf(() => checkVariables({ a: nested(levels) }));
      expect(refusal.extensions.code).toBe("VARIABLES_TOO_COMPLEX");
    }
  });

  test("may be so many, and no more, wherever they stand", () => {
    const rows = (count: number) => Array.from({ length: count / 100 }, () => Array(99).fill(0));
    expect(() => checkVariables({ a: rows(LIMITS.variableValues - 100) })).not.toThrow();
    const refusal = refusalOf(() => checkVariables({ a: rows(LIMITS.variableValues + 100) }));
    expect(refusal.message).toContain(String(LIMITS.variableValues));
  });
});
