/** A deal value JSON.parse would round or overflow: more digits than a double holds, or an exponent. */
const riskyDealValue = /"dealValue"\s*:\s*-?(?:[\d.]{16,}|[\d.]+[eE])/;

/** One JSON string, and the number after it when it is a property's name. Linear: no branch can match in two ways. */
const stringMaybeNumber =
  /("[^"\\]*(?:\\[\s\S][^"\\]*)*")(?:(\s*:\s*)(-?\d[\d.]*(?:[eE][+-]?\d+)?))?/g;

/** What a double is certain to give back unchanged. */
const MAX_EXACT_DIGITS = 15;

/**
 * Parses an answer. Returns `undefined` for what is not JSON.
 *
 * Money survives: a `dealValue` with more than 15 significant digits, or beyond a double's range, comes out as
 * the string it was written as. Only documents that contain such a number pay for it.
 */
export function parseJson(text: string): unknown {
  try {
    const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    return JSON.parse(riskyDealValue.test(bare) ? quoteLongDealValues(bare) : bare);
  } catch {
    return undefined;
  }
}

function quoteLongDealValues(text: string): string {
  return text.replace(
    stringMaybeNumber,
    (whole, name: string, colon: string | undefined, number: string | undefined) =>
      name !== '"dealValue"' || number === undefined || isExact(number)
        ? whole
        : `${name}${colon}"${number}"`,
  );
}

function isExact(number: string): boolean {
  const digits = number
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
  return digits.length <= MAX_EXACT_DIGITS && Number.isFinite(Number(number));
}
