import { RunEndedError } from "./turn.ts";

/** Holds whatever asks it while the upstream is in trouble. Held until it is resumed for the first time. */
export class Hold {
  #isHeld = true;
  #closing = new AbortController();
  #waiting: (() => void)[] = [];

  constructor() {
    this.pause();
  }

  /** Aborted as long as it holds; another one after it let go. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** What waits for its turn upstream is given up, to be asked for again later. */
  pause(): void {
    this.#isHeld = true;
    this.#closing.abort(new Error("the upstream is in trouble"));
  }

  resume(): void {
    if (!this.#isHeld) {
      return;
    }
    this.#isHeld = false;
    this.#closing = new AbortController();
    for (const goOn of this.#waiting.splice(0)) {
      goOn();
    }
  }

  /** Resolves when it does not hold; rejects with {@link RunEndedError} when `stopping` is aborted before. */
  async passed(stopping: AbortSignal): Promise<void> {
    while (this.#isHeld && !stopping.aborted) {
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          stopping.removeEventListener("abort", goOn);
          resolve();
        };
        stopping.addEventListener("abort", goOn);
        this.#waiting.push(goOn);
      });
    }
    if (stopping.aborted) {
      throw new RunEndedError("the run ended");
    }
  }
}
