/** Anything shorter could be a word of any message. */
const LEAST_TOKEN_LENGTH = 8;
const AS_HEADER = /\bBearer\s+[\w.~+/=-]+/gi;
const JSON_WEB_TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const CUT_OUT = "[token]";

/** A text of the upstream's without the token it was sent, and without anything that looks like another one. */
export function withoutTokens(text: string, token: string): string {
  const cut = token.length < LEAST_TOKEN_LENGTH ? text : text.replaceAll(token, CUT_OUT);
  return cut.replace(AS_HEADER, `Bearer ${CUT_OUT}`).replace(JSON_WEB_TOKEN, CUT_OUT);
}
