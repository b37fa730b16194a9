import { expect, test } from "vitest";
import { parseReferral } from "../src/index.ts";
import { readAnswer } from "../src/read-answer.ts";
import { sampleReferral } from "./sample.ts";

const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

test.each([
  ["whole", sampleReferral()],
  ["bare", { id: "1", status: "New" }],
  ["odd", { id: "1", status: "Odd", team: null, details: { dealValue: 5, more: [{ a: [] }] } }],
  ["deep enough", { id: "1", status: "New", extra: nested(63) }],
  ["too deep", { id: "1", status: "New", extra: nested(64) }],
  ["far too deep", { id: "1", status: "New", extra: nested(500) }],
  ["no id", { status: "New" }],
  ["an empty id", { id: "", status: "New" }],
  ["a wrong status", { id: "1", status: 5 }],
  ["a wrong field", { id: "1", status: "New", details: { notes: 5 } }],
  ["a wrong member", { id: "1", status: "New", team: [null] }],
  ["a wrong flag", { id: "1", status: "New", consent: { consentToContact: "yes" } }],
  ["wrong links", { id: "1", status: "New", links: "here" }],
  ["a wrong server's field", { id: "1", status: "New", eTag: 5 }],
  ["a list", []],
  ["nothing", null],
])("an answer is read as any other document: %s", (_name, doc) => {
  const text = JSON.stringify(doc);
  const own: unknown = JSON.parse(text);
  const result = readAnswer(own);
  expect(result).toEqual(parseReferral(JSON.parse(text)));
  expect(result.ok ? result.referral === own : result.issues.length > 0).toBe(true);
});

test("an answer that names a prototype is copied without it", () => {
  const own: unknown = JSON.parse(
    '{"id":"1","status":"New","details":{"__proto__":{"notes":"x"}}}',
  );
  const result = readAnswer(own);
  expect(result).toEqual({ ok: true, referral: { id: "1", status: "New", details: {} } });
});
