/** Rung by whoever has news, heard by one who waits; a ring nobody waits for is heard by the next wait. */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves when it was rung since the last wait, after `timeoutMs`, or when `signal` aborts. */
  async heard(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(end, timeoutMs);
        signal.addEventListener("abort", end, { once: true });
        this.#wake = end;
      });
    }
    this.#isRung = false;
  }
}
