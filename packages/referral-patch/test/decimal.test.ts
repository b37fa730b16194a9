import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalsEqual, decimalToString, parseDecimal } from "../src/index.ts";

test.each([
  ["10000", 10000, true],
  ["10000.00", 10000, true],
  ["1e4", "10000", true],
  [1e21, "1000000000000000000000", true],
  ["0.10", 0.1, true],
  ["-0", 0, true],
  ["007", "7", true],
  ["-1", "1", false],
  ["0.1", "0.10000000000000001", false],
  ["9007199254740993", "9007199254740992", false],
  ["abc", "abc", false],
])("%s equals %s: %s", (a, b, expected) => {
  expect(decimalsEqual(a, b)).toBe(expected);
  expect(decimalsEqual(b, a)).toBe(expected);
});

test.each([
  ["10000.50", "10000.50"],
  [50000, "50000"],
  ["1e3", "1000"],
  [1e-7, "0.0000001"],
  ["-12.5e1", "-125"],
  ["0.00", "0.00"],
  ["00.5", "0.5"],
  ["12,5", null],
  ["1e999999999", null],
])("the text of %s is %s", (value, text) => {
  expect(decimalToString(value)).toBe(text);
});

test("a number that may have been rounded is refused, its text is not", () => {
  expect(parseDecimal(0.1 + 0.2)).toMatchObject({ ok: false, issues: [{ code: "INVALID_VALUE" }] });
  expect(parseDecimal("0.30000000000000004")).toEqual({ ok: true, decimal: "0.30000000000000004" });
  expect(parseDecimal(123456789012345)).toEqual({ ok: true, decimal: "123456789012345" });
  expect(parseDecimal(1e21)).toEqual({ ok: true, decimal: "1000000000000000000000" });
  for (const value of [Number.NaN, Infinity, "", " 1", "0x10", "1_000", null, undefined, {}, 5n])
    expect(parseDecimal(value).ok).toBe(false);
});

test("spelling an amount out or moving its point never changes it", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.nat(30), (units, scale) => {
      const digits = `${units < 0n ? -units : units}`.padStart(scale + 1, "0");
      const whole = digits.slice(0, digits.length - scale);
      const plain = `${units < 0n ? "-" : ""}${whole}${scale ? `.${digits.slice(-scale)}` : ""}`;
      const scientific = `${units}e-${scale}`;
      expect(decimalsEqual(plain, scientific)).toBe(true);
      expect(decimalsEqual(decimalToString(scientific) ?? "", plain)).toBe(true);
      expect(decimalsEqual(`${units + 1n}e-${scale}`, plain)).toBe(false);
    }),
  );
});
