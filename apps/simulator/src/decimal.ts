import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** Decimal digits a binary double always keeps. */
const EXACT_DIGITS = 15;

const DECIMAL = /^-?\d+(\.\d+)?$/;
const LONG_NUMBER_HINT = /[\d.]{16,}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Whether `text` is a plain decimal: digits, optional sign and fraction, no exponent. */
export function isDecimalText(text: string): boolean {
  return DECIMAL.test(text);
}

/**
 * The stored form of a decimal: a number where a double holds it exactly, otherwise its digits as
 * text, which {@link stringifyReferral} prints as a JSON number again. Money is never rounded.
 */
export function normalizeDecimal(value: string | number): string | number {
  if (typeof value === "number") return value;
  return isExact(value) ? Number(value) : value;
}

/** `JSON.parse`, except that numbers a double would round come back as text. Throws SyntaxError. */
export function parseJsonKeepingDecimals(text: string): Json {
  if (!LONG_NUMBER_HINT.test(text)) return JSON.parse(text) as Json;
  JSON.parse(text);
  const quoted = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || isExact(token) || !DECIMAL.test(token) ? token : `"${token}"`,
  );
  return JSON.parse(quoted) as Json;
}

/** The JSON text of a referral (or a selection of one), `details.dealValue` always as a number. */
export function stringifyReferral(document: JsonObject): string {
  const text = JSON.stringify(document);
  const details = document.details;
  if (!isJsonObject(details) || typeof details.dealValue !== "string") return text;
  return text.replace(`"dealValue":"${details.dealValue}"`, `"dealValue":${details.dealValue}`);
}

function isExact(text: string): boolean {
  const digits = text
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+/, "");
  return digits.length <= EXACT_DIGITS;
}
