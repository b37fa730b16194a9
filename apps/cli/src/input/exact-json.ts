/** One JSON string, or one number. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** What a double is certain to give back unchanged. */
const MOST_EXACT_DIGITS = 15;

/**
 * Parses JSON without rounding: a number with more digits than a double holds comes out as its text, which the gateway takes for
 * money as it is. Throws SyntaxError.
 */
export function parseExactJson(text: string): unknown {
  JSON.parse(text); // what is no JSON is said about the text as it was given
  return JSON.parse(text.replace(STRING_OR_NUMBER, quoteIfLong));
}

function quoteIfLong(token: string): string {
  if (token.startsWith('"')) {
    return token;
  }
  const digits = token
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
  const isExact = digits.length <= MOST_EXACT_DIGITS && Number.isFinite(Number(token));
  return isExact ? token : `"${token}"`;
}
