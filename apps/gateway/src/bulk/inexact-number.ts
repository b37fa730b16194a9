import { exactNumber } from "../schema/exact-numbers.ts";

/** What a number looks like that a double may not hold; most texts have none, and this is quick to see. */
const SUSPICIOUS = /[\d.]{16}|\d[eE][-+]?\d{3}/;
const STRINGS = /"(?:[^"\\]|\\.)*"/g;
const NUMBERS = /-?\d[\d.eE+-]*/g;

/** Whether a JSON text has a number that JSON.parse would round. */
export function hasInexactNumber(json: string): boolean {
  if (!SUSPICIOUS.test(json)) {
    return false;
  }
  const numbers = json.replace(STRINGS, '""').match(NUMBERS) ?? [];
  return numbers.some((text) => typeof exactNumber(text) === "string");
}
