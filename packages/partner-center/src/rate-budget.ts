/** How urgent a call is: a person is waiting, or a backlog is being worked off. */
export type CallPriority = "interactive" | "bulk";

/** Leave to make one call, given a little before its moment, so that last checks cost no punctuality. */
export interface SendPermit {
  /**
   * Resolves with true at the moment the call may be sent, at once when that has passed meanwhile; with false when
   * the budget was closed meanwhile: nothing may be sent with this permit.
   */
  due(): Promise<boolean>;
  /**
   * The request is about to be handed to the socket: a late one makes those behind it keep their distance. False
   * when it may not be, because the budget was closed while it waited for a socket.
   */
  sent(): boolean;
  /** An answer arrived: a call that took unusually long may have been counted late by the upstream. */
  answered(): void;
}

/** The upstream did not take a call now. */
export interface Refusal {
  /** What it asked for, if it said, in ms. */
  retryAfterMs: number | undefined;
  /** It was the rate (429, 509), not the upstream being unwell (503 with Retry-After). */
  isForRate: boolean;
}

/**
 * What this account may send, as a port: the client asks before every call and reports what came back.
 * The queue package implements it in Redis, shared by every process of one account.
 */
export interface RateBudget {
  /** Resolves shortly before one call may be sent. Rejects when `signal` aborts first. */
  acquire(options: { priority: CallPriority; signal?: AbortSignal }): Promise<SendPermit>;
  /** The upstream refused a call and wants to be left alone for a while. */
  throttled(options: Refusal): Promise<void> | void;
  /** The upstream answered a call without complaining about the rate, whatever else it said. */
  succeeded(): void;
}

/** A permit for right now. */
export const immediatePermit: SendPermit = {
  due: async () => true,
  sent: () => true,
  answered: () => {},
};

/** A budget that never waits. For tests, examples and one-off reads; not for production traffic. */
export const unlimitedBudget: RateBudget = {
  acquire: async ({ signal }) => {
    signal?.throwIfAborted();
    return immediatePermit;
  },
  throttled: () => {},
  succeeded: () => {},
};
