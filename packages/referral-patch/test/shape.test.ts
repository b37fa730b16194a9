import fc from "fast-check";
import { expect, test } from "vitest";
import { placesBelow, referralShape, type Shape } from "../src/schema/shape.ts";

const places = (shape: Shape): Shape[] =>
  placesBelow(shape).flatMap((place) => (place.item ? [place, ...places(place.item)] : [place]));
const quick = places(referralShape).filter(({ accepts }) => accepts);

test("what is told without zod is what zod says", () => {
  expect(new Set(quick.map(({ kind }) => kind))).toEqual(
    new Set(["text", "enum", "flag", "decimal", "dateTime"]),
  );
  const twoDigits = fc.integer({ min: 0, max: 32 }).map((n) => String(n).padStart(2, "0"));
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom<unknown>("New", "Closed", "Won", "Duns", "Name", "Direct", true, [], {}),
    fc.constantFrom<unknown>(["Name"], ["2026-01-01T00:00:00Z"], undefined, "007", "1e500"),
    fc.double().map((n) => (n % 2 === 0 ? n : String(n))),
    fc.integer(),
    fc.tuple(twoDigits, twoDigits).map(([month, day]) => `2027-${month}-${day}T00:00:00Z`),
  );
  fc.assert(
    fc.property(fc.constantFrom(...quick), value, ({ accepts, schema, path }, tried) => {
      const isTaken = schema.safeParse(tried).success && tried !== undefined;
      expect([path, tried, accepts?.(tried)]).toEqual([path, tried, isTaken]);
    }),
    { numRuns: 5_000 },
  );
});
