import * as z from "zod";
import { decimalRefusal } from "../decimal.ts";

/** Text without a length limit of its own: the vendor documents none, the body limit bounds it. */
export const text = z.string();

/** Plausible e-mail address: one `@`, no white space. The upstream knows better. */
export const email = z.string().regex(/^[^\s@]+@[^\s@]+$/, "Expected an e-mail address");

/** ISO 3166-1 alpha-2 country code; whether it is assigned is the upstream's business. */
export const country = z.string().regex(/^[A-Za-z]{2}$/, "Expected a two-letter country code");

/** ISO 4217 currency code; whether it is assigned is the upstream's business. */
export const currency = z.string().regex(/^[A-Za-z]{3}$/, "Expected a three-letter currency code");

const dateTimePattern =
  /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Whether {@link dateTime} takes a value. */
export function isDateTime(value: unknown): boolean {
  if (typeof value !== "string" || !dateTimePattern.test(value)) return false;
  const year = Number(value.slice(0, 4));
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8, 10));
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/** RFC 3339 date-time that exists in the calendar. */
export const dateTime = z
  .string()
  .refine(isDateTime, "Expected an RFC 3339 date-time such as 2026-06-30T00:00:00Z");

/** Money as the vendor takes it: a JSON number or a numeric string, spelling kept. */
export const decimal = z.custom<string | number>().superRefine((value, context) => {
  const message = decimalRefusal(value);
  if (message) context.addIssue({ code: "custom", message });
});
