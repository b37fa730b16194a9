import { overLimit } from "./limit-error.ts";
import { LIMITS } from "./limits.ts";

/**
 * Refuses variables that are nested too deeply, or are too many, to be looked at by what recurses and repeats itself
 * in messages. Their bytes are bounded by the body's.
 */
export function checkVariables(variables: unknown): void {
  let level: unknown[] = [variables];
  let values = 0;
  // No recursion: how deep it goes is the caller's choice.
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.variableDepth) {
      throw overLimit("variableDepth", "more");
    }
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "object" && value !== null) {
        const inside: unknown[] = Object.values(value);
        values += inside.length;
        if (values > LIMITS.variableValues) {
          throw overLimit("variableValues", "more");
        }
        for (const each of inside) {
          next.push(each);
        }
      }
    }
    level = next;
  }
}
