/**
 * Iterates what `run` generates. Unlike a generator's own, its `return()` also ends a wait inside `run`: `signal` aborts, and
 * `run` is expected to come to its end.
 */
export function interruptible<Value>(
  run: (signal: AbortSignal) => AsyncGenerator<Value, void>,
): AsyncIterableIterator<Value, void> {
  const leaving = new AbortController();
  const generator = run(leaving.signal);
  return {
    next: () => generator.next(),
    return: () => {
      leaving.abort();
      return generator.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
