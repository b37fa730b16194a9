/** How urgent a call is: a person is waiting, or a backlog is being worked off. */
export type CallPriority = "interactive" | "bulk";

/**
 * What this account may send, as a port: the client asks before every call and reports what came back.
 * The queue package implements it in Redis, shared by every process of one account.
 */
export interface RateBudget {
  /** Resolves when one call may be sent now. Rejects when `signal` aborts first. */
  acquire(options: { priority: CallPriority; signal?: AbortSignal }): Promise<void>;
  /** The upstream refused a call for its rate. `retryAfterMs` is what it asked for, if it said. */
  throttled(options: { retryAfterMs: number | undefined }): Promise<void> | void;
  /** The upstream answered a call without complaining about the rate, whatever else it said. */
  succeeded(): void;
}

/** A budget that never waits. For tests, examples and one-off reads; not for production traffic. */
export const unlimitedBudget: RateBudget = {
  acquire: async ({ signal }) => signal?.throwIfAborted(),
  throttled: () => {},
  succeeded: () => {},
};
