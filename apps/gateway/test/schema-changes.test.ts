import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { printSdl } from "../src/schema/print-schema.ts";
import { schemaChanges } from "../src/schema/schema-changes.ts";

const published = readFileSync(new URL("../schema.published.graphql", import.meta.url), "utf8");

test("what is served breaks nothing that was published (pnpm run check-schema says the same)", () => {
  const { breaking, dangerous } = schemaChanges(published, printSdl());
  if (dangerous.length > 0) {
    console.info(`dangerous, and allowed:\n${dangerous.join("\n")}`);
  }
  expect(breaking).toEqual([]);
});

test.each([
  ["  substatus: ReferralSubstatus!\n}", "}", /FIELD_REMOVED: .*ReferralState.substatus/],
  ["  etag: String!\n", "  etag: String\n", /FIELD_CHANGED_KIND: .*Referral.etag/],
  ["  REFERRAL_NOT_FOUND\n", "", /VALUE_REMOVED_FROM_ENUM: .*REFERRAL_NOT_FOUND/],
  ["  label: String\n", "  label: String!\n", /CHANGED_KIND: .*BulkUpdateReferralsInput.label/],
  [
    "input TagInput {\n",
    "input TagInput {\n  kind: String!\n",
    /REQUIRED_INPUT_FIELD_ADDED: .*TagInput/,
  ],
  [
    "UpdateReferralResult = IdempotencyMismatchError | ",
    "UpdateReferralResult = ",
    /TYPE_REMOVED_FROM_UNION: .*IdempotencyMismatchError/,
  ],
  [
    "type NotFoundError implements UserError",
    "type NotFoundError",
    /IMPLEMENTED_INTERFACE_REMOVED/,
  ],
  ["  referral(id: ID!)", "  referral(id: ID!, why: String!)", /REQUIRED_ARG_ADDED: .*why/],
])("%j becoming %j breaks callers, and is said so", (before, after, words) => {
  const changed = published.replaceAll(before, after);
  expect(changed).not.toBe(published);
  expect(schemaChanges(published, changed).breaking.join("\n")).toMatch(words);
});

test("what is added is no break; what may surprise is told apart", () => {
  const more = published
    .replace("enum UpdateState {\n", "enum UpdateState {\n  EXPIRED\n")
    .replace("waitMs: Int = 10000", "waitMs: Int = 5000")
    .replace("type QueueStatus {\n", "type QueueStatus {\n  lanes: Int!\n");
  const { breaking, dangerous, safe } = schemaChanges(published, more);
  expect(breaking).toEqual([]);
  expect(dangerous.join("\n")).toMatch(
    /DEFAULT_VALUE_CHANGE.*waitMs.*\n.*VALUE_ADDED_TO_ENUM.*EXPIRED/s,
  );
  expect(safe.join("\n")).toContain("FIELD_ADDED");
});

test("the command says it in words, and ends well when nothing breaks", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@patchlane/source", "src/check-schema-main.ts"],
    { cwd: new URL("..", import.meta.url) },
  );
  expect(stdout).toMatch(/^0 breaking$/m);
});
