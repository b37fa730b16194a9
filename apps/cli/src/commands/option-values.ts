import { InvalidArgumentError } from "commander";
import { nearest } from "../input/nearest.ts";

/** Reads an option that is a whole number. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads an option or argument that is one of some names, in any case. */
export function oneOf<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
    if (found === undefined) {
      const meant = nearest(text, names);
      throw new InvalidArgumentError(
        meant === undefined ? `Choose one of ${names.join(", ")}.` : `Did you mean ${meant}?`,
      );
    }
    return found;
  };
}

/** Collects an option that may be given several times. */
export function every(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
