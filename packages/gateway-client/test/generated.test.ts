import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generateOperations, readCommittedSchema } from "../codegen/generate-operations.ts";
import { generateVocabulary } from "../codegen/generate-vocabulary.ts";

const committed = (name: string): string =>
  readFileSync(new URL(`../src/generated/${name}`, import.meta.url), "utf8");

test("the committed operations fit the gateway's SDL (pnpm run generate writes them)", async () => {
  expect(committed("operations.ts")).toBe(await generateOperations(readCommittedSchema()));
});

test("the committed vocabulary is the SDL's (pnpm run generate writes it)", () => {
  expect(committed("vocabulary.ts")).toBe(generateVocabulary(readCommittedSchema()));
});
