import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { filterFields } from "../../src/referrals/filter-fields.ts";
import { printFilter } from "../../src/referrals/filter-tree.ts";
import { parseFilter } from "../../src/referrals/parse-filter.ts";
import { printSdl } from "../../src/schema/print-schema.ts";

const page = readFileSync(new URL("../../../../docs/referral-filter.md", import.meta.url), "utf8");

function examples(language: string): string[] {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))];
  return blocks.map(([, text = ""]) => text.trim());
}

test("every filter on the page is one", () => {
  const filters = examples("text").flatMap((block) => block.split("\n"));
  expect(filters.length).toBeGreaterThan(5);
  for (const filter of filters) {
    const printed = printFilter(parseFilter(filter));
    expect(printFilter(parseFilter(printed))).toBe(printed);
  }
});

test("the query on the page fits the schema", () => {
  const queries = examples("graphql");
  expect(queries).toHaveLength(1);
  for (const query of queries) {
    expect(validate(buildSchema(printSdl()), parse(query))).toEqual([]);
  }
});

test("the page names every field there is, and no other", () => {
  const table = page.slice(page.indexOf("| value"), page.indexOf("Names and keywords"));
  const rows = table.split("\n").map((row) => row.split("|")[3] ?? "");
  const named = rows.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
  const whole = named.map((name) => name.replace("…", "customerProfile/address"));
  expect(whole.toSorted()).toEqual(filterFields.toSorted());
});

test("what the page says about an error is what is said", () => {
  const [, quoted = ""] = /`(filter, character .*?)`/.exec(page) ?? [];
  expect(() => parseFilter("status eq 'Open'")).toThrow(quoted);
});
