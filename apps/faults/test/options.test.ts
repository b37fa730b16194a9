import { expect, test } from "vitest";
import { OptionsError, readOptions } from "../src/options.ts";

const SCENARIOS = [{ name: "Workers killed" }, { name: "Redis killed" }];
const read = (...args: string[]) => readOptions(args, SCENARIOS, 7);

test("everything once with a seed of its own, unless told otherwise", () => {
  expect(read()).toMatchObject({ seed: 7, minutes: 0, show: "run", hasLogs: false });
  expect(read().chosen).toHaveLength(2);
  expect(read("--", "--only", "workers", "--seed", "42", "--minutes", "1.5", "--logs")) //
    .toMatchObject({ chosen: [SCENARIOS[0]], seed: 42, minutes: 1.5, hasLogs: true });
  expect(read("--list").show).toBe("list");
});

test.each([
  [["--mintues", "10"], /--mintues/],
  [["--minutes", "soon"], /--minutes must be a number above 0, not "soon"/],
  [["--seed", "1.5"], /--seed must be a whole number/],
  [["--only", "moon"], /No scenario's name contains "moon"/],
  [["extra"], /extra/],
])("%j is refused with a reason", (args, reason) => {
  expect(() => read(...args)).toThrow(OptionsError);
  expect(() => read(...args)).toThrow(reason);
});
