/** Moments given away by the shared budget, as monotonic times of this process (`performance.now()`). */
export interface Slots {
  readonly moments: readonly number[];
  /** Around when the next moment can be had; undefined when all that was wanted was given. */
  readonly askAgainAt: number | undefined;
  /** ms between two moments at the rate in use. */
  readonly spacingMs: number;
}

/** Leave to make one call at a moment; see `SendPermit` in the client, which this satisfies. */
export interface Permit {
  due(): Promise<void>;
  sent(): void;
}

interface Waiter {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
}

/** How near a moment may be (ms) when it is reserved: an idle budget still leaves time for the fence. */
export const LEAST_LEAD_MS = 8;
/** How long before its moment a call gets its permit (ms) when the moment is further away. */
const LEAD_MS = 25;
/** Longest sleep before the budget is asked again (ms): it may have been opened or raised meanwhile. */
const LONGEST_NAP_MS = 1_000;
/** Least share of the spacing between two calls of this process, also when the first one left late. */
const LEAST_SPACING_SHARE = 0.97;
/** Lateness worth telling the other processes, as a share of the spacing. */
const TOLERATED_LATENESS_SHARE = 0.02;
/** Below this spacing (ms) timers are too coarse to be punctual, and no upstream counts that closely. */
const PUNCTUAL_SPACING_MS = 20;
/** Timers fire up to this much late (ms); the rest of a punctual wait is spent in turns of the event loop. */
const TIMER_SLACK_MS = 1.5;

/**
 * Hands the moments this process reserved to the calls waiting in it, the most urgent first. A moment
 * is bound to a call only when it is near, so an urgent call never stands behind a backlog.
 */
export class PacedCalls {
  readonly #reserve: (wanted: number) => Promise<Slots>;
  readonly #onLate: (sentAt: number) => void;
  readonly #urgent: Waiter[] = [];
  readonly #patient: Waiter[] = [];
  #isRunning = false;
  /** Moments reserved and not yet handed out. */
  #outstanding = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;

  /** `onLate` hears of calls that left noticeably after their moment (monotonic ms). */
  constructor(reserve: (wanted: number) => Promise<Slots>, onLate: (sentAt: number) => void) {
    this.#reserve = reserve;
    this.#onLate = onLate;
  }

  /**
   * Resolves shortly before a moment at which one call may be sent. Rejects with the signal's reason when
   * aborted, and with the budget's error when it cannot be asked.
   */
  acquire(options: { priority: "interactive" | "bulk"; signal?: AbortSignal }): Promise<Permit> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const line = options.priority === "interactive" ? this.#urgent : this.#patient;
      const onAbort = (): void => {
        line.splice(line.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const isOver = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        resolve: (permit) => {
          isOver();
          resolve(permit);
        },
        reject: (reason) => {
          isOver();
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
        const { moments, askAgainAt, spacingMs } = await this.#reserve(
          this.#waiting - this.#outstanding,
        );
        for (const moment of moments) {
          this.#outstanding += 1;
          runAt(moment - LEAD_MS, false, () => this.#hand(this.#permitFor(moment, spacingMs)));
        }
        if (askAgainAt !== undefined) {
          await nap(Math.min(askAgainAt - performance.now(), LONGEST_NAP_MS));
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

  #hand(permit: Permit): void {
    this.#outstanding -= 1;
    (this.#urgent.shift() ?? this.#patient.shift())?.resolve(permit);
  }

  #permitFor(moment: number, spacingMs: number): Permit {
    const isPunctual = spacingMs >= PUNCTUAL_SPACING_MS;
    const leastSpacingMs = isPunctual ? spacingMs * LEAST_SPACING_SHARE : 0;
    const whenDue = (then: () => void): void => {
      const earliest = Math.max(moment, this.#lastSentAt + leastSpacingMs);
      runAt(earliest, isPunctual, () => {
        if (performance.now() < this.#lastSentAt + leastSpacingMs) {
          whenDue(then); // another call of this process left late meanwhile
          return;
        }
        this.#lastSentAt = performance.now();
        then();
      });
    };
    return {
      due: () => new Promise((resolve) => whenDue(resolve)),
      sent: () => {
        const now = performance.now();
        this.#lastSentAt = now;
        if (isPunctual && now - moment > spacingMs * TOLERATED_LATENESS_SHARE) {
          this.#onLate(now);
        }
      },
    };
  }
}

/** Runs `then` at a monotonic moment, never before it. */
function runAt(moment: number, isPunctual: boolean, then: () => void): void {
  const waitMs = moment - performance.now();
  if (waitMs <= 0) {
    then();
  } else if (isPunctual && waitMs <= TIMER_SLACK_MS) {
    setImmediate(() => runAt(moment, isPunctual, then));
  } else {
    const timerMs = isPunctual ? Math.max(waitMs - TIMER_SLACK_MS, 1) : waitMs;
    setTimeout(
      () => runAt(moment, isPunctual, then),
      isPunctual ? Math.floor(timerMs) : Math.ceil(timerMs),
    );
  }
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 1)));
}
