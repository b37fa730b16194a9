import { expect, test } from "vitest";
import { planLane } from "../src/load.ts";
import { seededRandom } from "../src/random.ts";

const LOAD = { referrals: 1, updates: 300, repeatShare: 0.3, poisonShare: 0.1 };

test("a seed decides what is submitted", () => {
  const plan = planLane(3, seededRandom(5, 3), LOAD);
  expect(plan).toEqual(planLane(3, seededRandom(5, 3), LOAD));
  expect(plan).not.toEqual(planLane(3, seededRandom(6, 3), LOAD));
  expect(new Set(plan.map(({ field }) => field))).toEqual(
    new Set(["notes", "statusReason", "team"]),
  );
  expect(plan.some(({ isPoison }) => isPoison)).toBe(true);
});

test("only people are repeated", () => {
  const tokens = planLane(0, seededRandom(1), LOAD)
    .filter(({ field }) => field !== "team")
    .map(({ token }) => token);
  expect(new Set(tokens).size).toBe(tokens.length);
});
