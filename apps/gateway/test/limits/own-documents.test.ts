import { Lexer, Source, TokenKind, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../../src/limits/check-document.ts";
import { pointsOf } from "../../src/limits/cost.ts";
import { LIMITS, type Limit } from "../../src/limits/limits.ts";
import { Meter } from "../../src/limits/meter.ts";
import { parseWithinLimits } from "../../src/limits/parse-within-limits.ts";
import { schema } from "../../src/schema/schema.ts";
import { type OwnDocument, ownDocuments } from "../support/own-documents.ts";

/** Room for the documents of tomorrow: how much larger than ours a document may be at least. */
const LEAST_ROOM = 1.3;
const documents = ownDocuments();

test("documents are found wherever we have some", () => {
  const from = documents.map((document) => document.from);
  expect(from.filter((name) => name.startsWith("gateway-client")).length).toBeGreaterThan(10);
  expect(from).toEqual(expect.arrayContaining(["README.md", "apps/gateway/README.md"]));
});

describe.each(documents)("$from", ({ text }) => {
  test("is valid, and passes every limit", () => {
    const document = parseWithinLimits(text);
    expect(validate(schema, document)).toEqual([]);
    expect(() => measure({ from: "", text })).not.toThrow();
  });
});

test("every limit leaves room above the largest of them", () => {
  const largest = new Map<Limit, { from: string; value: number }>();
  for (const document of documents) {
    for (const [limit, value] of measure(document)) {
      if (value >= (largest.get(limit)?.value ?? 0)) {
        largest.set(limit, { from: document.from, value });
      }
    }
  }
  for (const [limit, { from, value }] of largest) {
    const room = LIMITS[limit] / Math.max(value, 1);
    console.info(`${limit}: ${value} of ${LIMITS[limit]}, ${room.toFixed(1)} times (${from})`);
    expect.soft({ limit, room: room >= LEAST_ROOM }, from).toEqual({ limit, room: true });
  }
  const ofVariables: Limit[] = ["variableDepth", "variableValues"];
  const all = (Object.keys(LIMITS) as Limit[]).filter((limit) => !ofVariables.includes(limit));
  expect([...largest.keys()].sort()).toEqual(all.sort());
});

/** Everything there is a limit for, as a document has it; its cost with the largest pages and with the usual ones. */
function measure({ text }: OwnDocument): Map<Limit, number> {
  const meter = new Meter();
  const document = parseWithinLimits(text);
  const costs = checkDocument(schema, document, meter);
  for (const cost of costs.values()) {
    // Only rows of a bulk update may be asked for by the thousand.
    const most = /\bitems\(/.test(text) ? 1_000 : 100;
    for (const variables of [undefined, { first: most }]) {
      meter.atLeast("cost", pointsOf(cost, variables));
    }
  }
  const found = new Map<Limit, number>();
  for (const limit of Object.keys(LIMITS) as Limit[]) {
    if (!limit.startsWith("variable")) {
      found.set(limit, meter.of(limit));
    }
  }
  return new Map([...found, ...lexed(text), ["tokens", document.tokenCount ?? 0]]);
}

function lexed(text: string): [Limit, number][] {
  const lexer = new Lexer(new Source(text));
  let open = 0;
  let nesting = 0;
  let comments = 0;
  let before = lexer.token;
  while (lexer.token.kind !== TokenKind.EOF) {
    const { kind } = lexer.advance();
    open += ["{", "[", "("].includes(kind) ? 1 : ["}", "]", ")"].includes(kind) ? -1 : 0;
    nesting = Math.max(nesting, open);
    for (let next = before.next; next && next !== lexer.token; next = next.next) {
      comments += next.kind === TokenKind.COMMENT ? 1 : 0;
    }
    before = lexer.token;
  }
  return [
    ["nesting", nesting],
    ["comments", comments],
    ["characters", text.length],
  ];
}
