/** A longer wait is never believed: one hour, in milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Beginning of all three HTTP date forms (RFC 9110, 5.6.7). Date.parse alone would accept "7 apples". */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Milliseconds to wait according to a `Retry-After` header: seconds or an HTTP date (RFC 9110, 10.2.3).
 * A date in the past or a negative number is 0, more than an hour is an hour, and anything else,
 * a missing header included, is `undefined`. A date is compared with the answer's own `Date`, so that a wrong
 * clock here does no harm.
 *
 * @param headers Response headers, names in lower case.
 * @param now Wall clock in milliseconds.
 */
export function retryAfter(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number | undefined {
  const header = headers["retry-after"];
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  const waitMs = /^-?\d+(?:\.\d+)?$/.test(text)
    ? Math.ceil(Number(text) * 1000)
    : httpDate.test(text)
      ? Date.parse(text) - upstreamNow(headers, now)
      : Number.NaN;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function upstreamNow(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): number {
  const { date } = headers;
  const parsed = typeof date === "string" && httpDate.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(parsed) ? now : parsed;
}
