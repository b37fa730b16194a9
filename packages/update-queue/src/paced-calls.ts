/** Moments given away by the shared budget, in ms from when it was asked. */
export interface Slots {
  readonly waitsMs: readonly number[];
  /** ms between two moments at the rate in use; 0 when bursts are allowed. */
  readonly spacingMs: number;
  /** When nothing (more) was given: ms after which asking again is worth it. */
  readonly askAgainMs: number;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Longest sleep before the budget is asked again (ms): it may have been opened or raised meanwhile. */
const LONGEST_NAP_MS = 1_000;
/**
 * A call that left late pushes the next one to at least this share of the spacing behind it: two calls
 * side by side are refused by a strict upstream, and the rest lets the schedule catch up again.
 */
const LEAST_SPACING_SHARE = 0.98;

/**
 * Hands the moments this process reserved to the calls waiting in it, the most urgent first. A moment
 * is bound to a call only when it arrives, so an urgent call never stands behind a backlog.
 */
export class PacedCalls {
  readonly #reserve: (wanted: number) => Promise<Slots>;
  readonly #urgent: Waiter[] = [];
  readonly #patient: Waiter[] = [];
  #isRunning = false;
  /** Moments reserved and not yet arrived. */
  #outstanding = 0;
  #spacingMs = 0;
  #lastGivenAt = 0;

  constructor(reserve: (wanted: number) => Promise<Slots>) {
    this.#reserve = reserve;
  }

  acquire(options: { priority: "interactive" | "bulk"; signal?: AbortSignal }): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const line = options.priority === "interactive" ? this.#urgent : this.#patient;
      const onAbort = (): void => {
        const at = line.indexOf(waiter);
        if (at >= 0) {
          line.splice(at, 1);
        }
        reject(signal?.reason);
      };
      const done = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        resolve: () => {
          done();
          resolve();
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      line.push(waiter);
      void this.#run();
    });
  }

  get #waiting(): number {
    return this.#urgent.length + this.#patient.length;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    try {
      while (this.#waiting > this.#outstanding) {
        const askedAt = performance.now();
        const slots = await this.#reserve(this.#waiting - this.#outstanding);
        this.#spacingMs = slots.spacingMs;
        for (const waitMs of slots.waitsMs) {
          this.#outstanding += 1;
          this.#at(askedAt + waitMs);
        }
        if (slots.askAgainMs > 0) {
          await nap(Math.min(slots.askAgainMs, LONGEST_NAP_MS));
        } else if (slots.waitsMs.length === 0) {
          await nap(1);
        }
      }
    } catch (error) {
      for (const waiter of [...this.#urgent.splice(0), ...this.#patient.splice(0)]) {
        waiter.reject(error);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #at(moment: number): void {
    const earliest = Math.max(moment, this.#lastGivenAt + this.#spacingMs * LEAST_SPACING_SHARE);
    const waitMs = earliest - performance.now();
    if (waitMs > 0) {
      setTimeout(() => this.#at(moment), Math.ceil(waitMs));
    } else {
      this.#give();
    }
  }

  #give(): void {
    this.#outstanding -= 1;
    const next = this.#urgent.shift() ?? this.#patient.shift();
    if (next !== undefined) {
      this.#lastGivenAt = performance.now();
      next.resolve();
    }
  }
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
