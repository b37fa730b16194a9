import { expect, test } from "vitest";
import { EXAMPLE_REFERRAL_ID } from "../src/index.ts";
import type { JsonObject } from "../src/json.ts";
import { seedReferrals } from "../src/seed.ts";
import { checkTransition } from "../src/transitions.ts";

const documents = (seed: number, count: number): JsonObject[] =>
  [...seedReferrals({ seed, referrals: count, basePath: "/v1.0", externalIds: "CRM-" })].map(
    ({ document }) => document,
  );

test("the same seed gives the same referrals, another seed others", () => {
  expect(documents(3, 50)).toEqual(documents(3, 50));
  expect(documents(3, 50)[1]).not.toEqual(documents(4, 50)[1]);
  expect(documents(3, 50)[0]?.id).toBe(EXAMPLE_REFERRAL_ID);
});

test("the data is varied and follows the documented rules", () => {
  const all = documents(1, 1000);
  expect(new Set(all.map(({ id }) => id)).size).toBe(1000);
  expect(new Set(all.map(({ externalReferenceId }) => externalReferenceId)).size).toBe(1000);
  expect(new Set(all.map(({ eTag }) => eTag)).size).toBe(1000);
  for (const { id, status, substatus } of all) {
    expect(id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|^61c65491/,
    );
    expect(checkTransition({ status: "None", substatus: "None" }, { status, substatus })).toBe(
      undefined,
    );
  }
  const share = (isWanted: (document: JsonObject) => boolean) => all.filter(isWanted).length / 1000;
  expect(share(({ status }) => status === "New")).toBeGreaterThan(0.3);
  expect(share(({ status }) => status === "Active")).toBeGreaterThan(0.2);
  expect(share(({ status }) => status === "Closed")).toBeGreaterThan(0.02);
  expect(share((document) => !("statusReason" in document))).toBeGreaterThan(0.02);
  expect(share((document) => "insights" in document)).toBeGreaterThan(0.02);
  expect(new Set(all.map(({ team }) => (team as unknown[]).length))).toEqual(new Set([0, 1, 2, 3]));
});
