import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { issueCodes } from "@patchlane/referral-patch";
import { buildSchema, isEnumType, isInterfaceType } from "graphql";
import { expect, test } from "vitest";
import { readPage, WORKSPACE } from "./support/markdown.ts";

const page = await readPage("docs/errors.md");
const GATEWAY = "apps/gateway/src";

/** Codes that come from GraphQL Yoga and not from our source. */
const OF_YOGA = ["GRAPHQL_PARSE_FAILED", "OPERATION_RESOLUTION_FAILURE"];

/** The codes of the table behind `<!-- codes: … -->`. */
function documented(table: string): string[] {
  const [, rows = ""] = new RegExp(`<!-- codes: ${table} -->\\n+((?:\\|.*\\n)+)`).exec(page) ?? [];
  return rows
    .split("\n")
    .slice(2)
    .flatMap((row) => /^\|(?: *\d+ *\|)? *`(\w+)`/.exec(row)?.[1] ?? []);
}

const source = (path: string): string => readFileSync(join(WORKSPACE, path), "utf8");
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** Every word in capitals between quotes in the gateway's source. */
const literals = sorted(
  readdirSync(join(WORKSPACE, GATEWAY), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => [...source(`${GATEWAY}/${path}`).matchAll(/"([A-Z][A-Z]+(?:_[A-Z]+)*)"/g)])
    .map(([, word = ""]) => word),
);

const schema = buildSchema(source("apps/gateway/schema.graphql"));
const types = Object.values(schema.getTypeMap());

test("failures of an update are those of the schema", () => {
  const failures = types.find(({ name }) => name === "FailureCode");
  const values = isEnumType(failures) ? failures.getValues().map(({ name }) => name) : [];
  expect(values.length).toBeGreaterThan(5);
  expect(sorted(documented("FailureCode"))).toEqual(sorted(values));
});

test("error members are those of the schema", () => {
  const userError = types.find(({ name }) => name === "UserError");
  const members = isInterfaceType(userError) ? schema.getPossibleTypes(userError) : [];
  expect(sorted(documented("UserError"))).toEqual(sorted(members.map(({ name }) => name)));
});

test("codes of issues are those of the library, and some of the gateway", () => {
  const ours = documented("Issue").filter((code) => !issueCodes.some((known) => known === code));
  expect(sorted(documented("Issue"))).toEqual(sorted([...issueCodes, ...ours]));
  expect(literals).toEqual(expect.arrayContaining(ours));
});

test("every code in the gateway's source has a row", () => {
  const vocabulary = types.filter(isEnumType).flatMap((type) => type.getValues());
  const settings = source("docs/settings.md").match(/[A-Z]+(?:_[A-Z]+)+/g) ?? [];
  const others = [...vocabulary.map(({ name }) => name), ...settings, ...NO_CODES];
  const codes = ["FailureCode", "Issue", "GraphQL", "HTTP"].flatMap(documented);
  expect(literals.filter((word) => !codes.includes(word) && !others.includes(word))).toEqual([]);
});

/** Words in capitals that no caller ever meets. */
const NO_CODES: readonly string[] = [
  ...["GET", "HEAD", "OPTIONS", "POST", "DENY", "JSON", "ID"],
  ...["CSV_QUOTE_NOT_CLOSED", "ERR_JOSE_GENERIC", "ECONNRESET"], // of csv-parse, jose, Node; ours stand in their place
];

test("every row is about a code that there is", () => {
  const codes = ["GraphQL", "HTTP"].flatMap(documented);
  expect(codes.length).toBeGreaterThan(30);
  expect(codes.filter((code) => !literals.includes(code) && !OF_YOGA.includes(code))).toEqual([]);
});

test("uploads are refused with the status that is documented", () => {
  const [, statuses = ""] =
    /const STATUS = \{([^}]*)\}/.exec(source(`${GATEWAY}/bulk/upload-problem.ts`)) ?? [];
  const given = [...statuses.matchAll(/(\w+): (\d+)/g)].map(
    ([, code, status]) => `${status} ${code}`,
  );
  const rows = [...page.matchAll(/^\| *(\d+) *\| *`(\w+)`/gm)].map(
    ([, status, code]) => `${status} ${code}`,
  );
  expect(given.length).toBeGreaterThan(10);
  expect(rows).toEqual(expect.arrayContaining(given));
});

test("reasons of a pause are those of the client", () => {
  const tokens = source("packages/partner-center/src/tokens/access-token-provider.ts");
  const [, union = ""] = /TokenUnavailableReason =([\s\S]*?)\n\n/.exec(tokens) ?? [];
  const reasons = [...union.matchAll(/\| "(\w+)"/g)].map(([, reason = ""]) => reason);
  expect(reasons.length).toBeGreaterThan(5);
  expect(sorted(documented("TokenUnavailableReason"))).toEqual(sorted(reasons));
});
