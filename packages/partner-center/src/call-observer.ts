import { AsyncResource } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import type { FailureKind, HttpMethod } from "./failure-kind.ts";
import type { CallPriority } from "./rate-budget.ts";

/** Which of the client's calls it is: one referral read, one page of a list, one update. */
export type CallOperation = "get" | "list" | "patch";

/** A call that is about to leave. */
export interface ObservedCall {
  method: HttpMethod;
  operation: CallOperation;
  priority: CallPriority;
}

/** How an observed call ended. Holds no payload, no token and no referral id. */
export interface ObservedEnd {
  /** HTTP status; absent when no answer came. */
  status?: number;
  /**
   * What went wrong; absent when the call succeeded, and when its own caller ended it without effect (then there is
   * no status either). A read whose 200 holds nothing readable counts as answered: only its reader can tell.
   */
  kind?: FailureKind;
  /** From handing the request to its socket until the answer was read or given up, in milliseconds. */
  durationMs: number;
  /** As sent. */
  clientRequestId: string;
  /** As sent. */
  requestId: string;
}

/**
 * Watches every HTTP call the client really makes, for metrics and traces. Waiting for a token, the rate budget or a
 * socket is not part of a call; a call that is never handed to a socket is not seen.
 */
export interface CallObserver {
  /**
   * Called when the request is handed to its socket, in the async context of whoever asked for the call; what it
   * returns is called exactly once, when the call is over. Neither should throw; what they throw is dropped.
   */
  started(call: ObservedCall): (end: ObservedEnd) => void;
}

/** Tells all observers of one call. */
export interface CallWatch {
  started(): void;
  /** Does nothing when the call was never started. */
  ended(end: Omit<ObservedEnd, "durationMs">): void;
}

const unwatched: CallWatch = { started: () => {}, ended: () => {} };

/** A watch on one call that may be made; to be taken in the async context of its caller. */
export function watchCall(observers: readonly CallObserver[], call: ObservedCall): CallWatch {
  if (observers.length === 0) return unwatched;
  let startedAt = 0;
  let tell: ((end: ObservedEnd) => void)[] = [];
  return {
    // The socket may have been opened by another call: without this, that one's context would be the current one.
    started: AsyncResource.bind(() => {
      startedAt = performance.now();
      tell = observers.flatMap((observer) => dropped(() => observer.started(call)) ?? []);
    }),
    ended(end) {
      const durationMs = performance.now() - startedAt;
      for (const observer of tell.splice(0)) dropped(() => observer({ ...end, durationMs }));
    },
  };
}

function dropped<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
