import { expect, test } from "vitest";
import { measureIntake } from "../src/intake.ts";

test("the intake benchmark runs", async () => {
  const results = await measureIntake(200, 1);
  expect(results.map(({ format, rows }) => [format, rows])).toEqual([
    ["ndjson", 200],
    ["csv", 200],
  ]);
});
