export const PRIORITIES = ["interactive", "bulk"] as const;
/** How urgent a call is: a person is waiting, or a backlog is being worked off. */
export type Priority = (typeof PRIORITIES)[number];

/** Interactive calls that may pass waiting bulk in a row: bulk gets a tenth of the budget at least. */
const INTERACTIVE_RUN = 9;

interface Waiter<T> {
  readonly resolve: (given: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** The calls of one process that wait for their moment: the urgent ones first, in order of arrival. */
export class WaitingCalls<T> {
  readonly #lines: Readonly<Record<Priority, Waiter<T>[]>> = { interactive: [], bulk: [] };
  #interactiveRun = 0;

  count(priority: Priority): number {
    return this.#lines[priority].length;
  }

  /** Waits to be served. Rejects with the signal's reason when aborted first, which takes nobody's turn. */
  join(priority: Priority, signal: AbortSignal | undefined): Promise<T> {
    const line = this.#lines[priority];
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        line.splice(line.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const isOver = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter<T> = {
        resolve: (given) => {
          isOver();
          resolve(given);
        },
        reject: (reason) => {
          isOver();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      line.push(waiter);
    });
  }

  /** Gives the next in line what is made for it; does nothing when nobody waits. */
  serve(make: () => T): void {
    const { interactive, bulk } = this.#lines;
    const isBulksTurn = interactive.length === 0 || this.#interactiveRun >= INTERACTIVE_RUN;
    const line = bulk.length > 0 && isBulksTurn ? bulk : interactive;
    this.#interactiveRun = line === interactive && bulk.length > 0 ? this.#interactiveRun + 1 : 0;
    line.shift()?.resolve(make());
  }

  /** Nobody is going to be served. */
  rejectAll(reason: unknown): void {
    for (const line of Object.values(this.#lines)) {
      for (const waiter of line.splice(0)) {
        waiter.reject(reason);
      }
    }
  }
}
