import { type Issue, refused } from "./issue.ts";
import { MAX_EXPONENT, SAFE_DIGITS } from "./limits.ts";

type Parts = { sign: string; digits: string; scale: number };

function split(value: unknown): Parts | undefined {
  if (typeof value !== "string" && typeof value !== "number") return;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,9}))?$/i.exec(String(value));
  if (!match) return;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (Math.abs(Number(exponent)) > MAX_EXPONENT) return;
  return { sign, digits: whole + fraction, scale: fraction.length - Number(exponent) };
}

function canonical(value: unknown): string | undefined {
  const parts = split(value);
  if (!parts) return;
  const digits = withoutLeading(parts.digits);
  const significant = withoutTrailing(digits);
  return (
    significant && `${parts.sign}${significant}e${digits.length - significant.length - parts.scale}`
  );
}

const withoutLeading = (digits: string): string => digits.replace(/^0+/, "");

// Not a regular expression: /0+$/ takes quadratic time on long runs of zeros.
function withoutTrailing(digits: string): string {
  let length = digits.length;
  while (digits[length - 1] === "0") length--;
  return digits.slice(0, length);
}

/**
 * Whether two amounts are the same number, whatever their spelling: `"10000"`, `10000`, `1e4` and
 * `"10000.00"` are equal. Compares text, never binary floating point. False when either is no decimal.
 */
export function decimalsEqual(a: string | number, b: string | number): boolean {
  const left = canonical(a);
  return left !== undefined && left === canonical(b);
}

/**
 * The exact plain text of an amount: digits and scale as given (`"10.50"` stays `"10.50"`), exponents
 * written out (`1e3` is `"1000"`). `null` when it is not a decimal or its exponent is beyond ±400.
 */
export function decimalToString(value: string | number): string | null {
  const parts = split(value);
  if (!parts) return null;
  const { sign, digits, scale } = parts;
  if (scale <= 0) return sign + (withoutLeading(digits) + "0".repeat(-scale) || "0");
  const padded = digits.padStart(scale + 1, "0");
  const whole = withoutLeading(padded.slice(0, -scale)) || "0";
  return `${sign}${whole}.${padded.slice(-scale)}`;
}

/** Why {@link parseDecimal} refuses a value, if it does. */
export function decimalRefusal(value: unknown): string | undefined {
  const parts = split(value);
  if (!parts) return "Expected a decimal: a number or a string such as 10000.50";
  if (typeof value === "string") return; // which keeps all its digits
  if (withoutTrailing(withoutLeading(parts.digits)).length > SAFE_DIGITS)
    return "A number this long may have been rounded already: send it as a string";
}

/**
 * Reads an amount a caller gave: a JSON number or a numeric string. A number with more than 15
 * significant digits is refused, because it may have been rounded before it got here.
 */
export function parseDecimal(
  value: unknown,
): { ok: true; decimal: string } | { ok: false; issues: Issue[] } {
  const refusal = decimalRefusal(value);
  return refusal === undefined
    ? { ok: true, decimal: decimalToString(value as string | number) as string }
    : refused(refusal);
}
