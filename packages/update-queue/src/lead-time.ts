/** How near a moment may be (ms) while nothing is known of this process, and at most. */
export const LONGEST_LEAD_MS = 8;
/** Timers and estimates of Redis' clock are not better than this (ms). */
const LEAST_LEAD_MS = 1;
const SLACK_MS = 0.5;
/** Calls that count as recent, and how many have to be known. */
const RECENT = 16;
const LEAST_KNOWN = 4;

/**
 * How near a moment may be when an idle budget gives it: as long as the last checks before a call have taken lately, so that a call
 * neither waits for a moment that could have come sooner nor leaves after it. Behind others a moment is further away anyway.
 */
export class LeadTime {
  readonly #checksMs: number[] = [];
  readonly #tripsMs: number[] = [];

  /** From getting a permit until the call was ready to leave. */
  heardChecks(ms: number): void {
    keep(this.#checksMs, ms);
  }

  /** There and back when the budget was asked; the answer is half of it old when it is here. */
  heardTrip(ms: number): void {
    keep(this.#tripsMs, ms);
  }

  get ms(): number {
    if (this.#checksMs.length < LEAST_KNOWN) {
      return LONGEST_LEAD_MS;
    }
    const needed = Math.max(...this.#checksMs) + Math.max(0, ...this.#tripsMs) / 2 + SLACK_MS;
    return Math.min(Math.max(needed, LEAST_LEAD_MS), LONGEST_LEAD_MS);
  }
}

function keep(recent: number[], ms: number): void {
  recent.push(ms);
  if (recent.length > RECENT) {
    recent.shift();
  }
}
