import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trustedDocuments } from "../codegen/trusted-documents.ts";
import * as operations from "../src/generated/operations.ts";

test("the committed trusted documents are what this client sends (pnpm run generate writes them)", () => {
  const committed = readFileSync(new URL("../trusted-documents.json", import.meta.url), "utf8");
  expect(committed).toBe(trustedDocuments(operations));
  expect(Object.keys(JSON.parse(committed))).toHaveLength(Object.keys(operations).length);
});
