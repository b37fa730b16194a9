import { readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { blocksOf, readPage, WORKSPACE } from "./support/markdown.ts";
import { everyPage } from "./support/pages.ts";

const schema = buildSchema(await readFile(`${WORKSPACE}/apps/gateway/schema.graphql`, "utf8"));

const blocks = (
  await Promise.all(everyPage().map(async (path) => blocksOf(path, await readPage(path))))
).flat();

const documents = blocks.flatMap(({ at, language, text }) => {
  if (language === "graphql") {
    return [{ at, document: text }];
  }
  // What curl sends: a body of JSON.
  return [...text.matchAll(/"query": ?("(?:[^"\\]|\\.)*")/g)].flatMap(([, query = '""']) =>
    query.includes("$1") ? [] : [{ at, document: JSON.parse(query) as string }],
  );
});

test("there are documents to check", () => {
  expect(documents.length).toBeGreaterThan(10);
});

test.each(documents)("$at asks for what the schema has", ({ document }) => {
  expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
});

// Short ones stand in the text and in tables, as `{ … }`.
const inline = (
  await Promise.all(
    everyPage().map(async (path) =>
      [...(await readPage(path)).matchAll(/`(\{ [a-z]\w*( \{|\().*?\})`/g)].map(
        ([, document = ""]) => ({
          path,
          document,
        }),
      ),
    ),
  )
).flat();

test.each(inline)("$path: $document", ({ document }) => {
  expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
});
