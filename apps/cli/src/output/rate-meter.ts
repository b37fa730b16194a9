/** ms the rate is taken over: long enough to be steady, short enough to follow. */
const WINDOW_MS = 15_000;

/** How many rows a second became final lately. */
export class RateMeter {
  #samples: { readonly at: number; readonly done: number }[] = [];

  /** `nowMs` must not go back. A count that fell (a retry) starts over. */
  note(done: number, nowMs: number): void {
    if (done < (this.#samples.at(-1)?.done ?? 0)) {
      this.#samples = [];
    }
    this.#samples.push({ at: nowMs, done });
    // One sample from before the window stays: the rate is over the whole of it.
    while ((this.#samples[1]?.at ?? nowMs) < nowMs - WINDOW_MS) {
      this.#samples.shift();
    }
  }

  /** Undefined until there is something to tell from. */
  perSecond(nowMs: number): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    const elapsedMs = first === undefined ? 0 : nowMs - first.at;
    return first === undefined || last === undefined || elapsedMs < 1000
      ? undefined
      : ((last.done - first.done) / elapsedMs) * 1000;
  }
}
