/** Timers fire up to this much late (ms); the rest of a punctual wait is spent in turns of the event loop. */
const TIMER_SLACK_MS = 1.5;

/** Runs `then` at a monotonic moment (`performance.now()`), never before it; punctually costs a little CPU time. */
export function runAt(moment: number, isPunctual: boolean, then: () => void): void {
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

/** A sleep that can be ended early. */
export class Nap {
  #end: (() => void) | undefined;

  /** Resolves after `ms`, or when woken. */
  take(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), Math.max(Math.ceil(ms), 1));
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Does nothing when nobody sleeps. */
  wake(): void {
    this.#end?.();
    this.#end = undefined;
  }
}
