import { overLimit } from "./limit-error.ts";
import { LIMITS, type Limit } from "./limits.ts";

/** Measures of one document. Throws as soon as one is over its limit: nothing hostile is measured to its end. */
export class Meter {
  readonly #found = new Map<Limit, number>();

  /** Counts one more. */
  add(limit: Limit): void {
    this.atLeast(limit, this.of(limit) + 1);
  }

  /** Notes a height that was reached. */
  atLeast(limit: Limit, value: number): void {
    if (value > LIMITS[limit]) {
      throw overLimit(limit, value);
    }
    this.#found.set(limit, Math.max(this.of(limit), value));
  }

  of(limit: Limit): number {
    return this.#found.get(limit) ?? 0;
  }
}
