import { expect, test } from "vitest";
import { parseJson } from "../src/parse-json.ts";
import { clientOf, json, REFERRAL_ID, startUpstream } from "./support/upstream.ts";

async function readDealValue(literal: string): Promise<unknown> {
  const upstream = await startUpstream((_request, response) =>
    json(
      response,
      200,
      `{"id":"${REFERRAL_ID}","status":"New","details":{"dealValue": ${literal}}}`,
    ),
  );
  const { referral } = await clientOf(upstream.origin).getReferral(REFERRAL_ID);
  return referral.details?.dealValue;
}

test.each<[string, unknown]>([
  ["50000", 50000],
  ["10000.00", 10000],
  ["0.1", 0.1],
  ["null", null],
  ['"10000"', "10000"],
  ["999999999999999", 999999999999999],
  ["9007199254740993", "9007199254740993"],
  ["-9007199254740993", "-9007199254740993"],
  ["12345678901234567890.12", "12345678901234567890.12"],
  ["0.12345678901234567", "0.12345678901234567"],
  ["100000000000000000000", 100000000000000000000],
  ["1e3", 1000],
  ["1e999", "1e999"],
])("a deal value of %s is read as %j", async (literal, expected) => {
  expect(await readDealValue(literal)).toEqual(expected);
});

test("only deal values are touched, not text that looks like one", () => {
  const long = "12345678901234567890";
  const notes = `"dealValue": ${long}, \\ "dealValue":${long}`;
  const text = `{"notes":${JSON.stringify(notes)},"other":${long},"dealValue":${long}}`;
  expect(parseJson(text)).toEqual({ notes, other: Number(long), dealValue: long });
});

test("a long text beside a long deal value is no trouble", () => {
  const notes = "x\\".repeat(1_000_000);
  const text = `{"notes":${JSON.stringify(notes)},"dealValue":12345678901234567890}`;
  expect(parseJson(text)).toEqual({ notes, dealValue: "12345678901234567890" });
});

test("a byte order mark is not part of the document, and what is no JSON is undefined", () => {
  expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
  expect(parseJson('{"dealValue":12345678901234567890')).toBeUndefined();
});
