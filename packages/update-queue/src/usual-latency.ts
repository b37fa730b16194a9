/** Answers that count as recent. */
const RECENT = 20;

/** What answers usually take, to tell a stalled call from a slow upstream. */
export class UsualLatency {
  readonly #recentMs: number[] = [];

  /** How much longer (ms) an answer took than all recent ones but one; 0 when it did not. */
  excess(latencyMs: number): number {
    const usualMs = [...this.#recentMs].sort((a, b) => b - a)[1];
    this.#recentMs.push(latencyMs);
    if (this.#recentMs.length > RECENT) {
      this.#recentMs.shift();
    }
    return usualMs === undefined ? 0 : Math.max(0, latencyMs - usualMs);
  }
}
