import type { PatchInput } from "./client.ts";
import type { HttpMethod } from "./failure-kind.ts";
import type { CallPriority } from "./rate-budget.ts";

/** The write to make instead of the one that was asked for; nothing = as asked. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is the usual one
export type BeforeSendResult = void | Omit<PatchInput, "id">;

/** What every call accepts. */
export interface CallOptions {
  /** Ends the call. Before anything was sent nothing happens upstream; see `CallAbortedError`. */
  signal?: AbortSignal;
  /** Ends the call only as long as it waits for a token or the budget; a call under way is left alone. */
  waitSignal?: AbortSignal;
  /** Default `"bulk"`. */
  priority?: CallPriority;
  /**
   * Called after the budget was granted and the token is in hand, right before the request is handed to the
   * socket. If it throws, nothing is sent and its error is rethrown as it is. It is called again when the request
   * could not be written within a second of it (slow connect, paused process), so that what it checks is still true.
   * A write may be replaced here: while it waited for its turn more may have come in that can go with it.
   */
  beforeSend?: () => BeforeSendResult | Promise<BeforeSendResult>;
  /** Total time of the call in milliseconds: connect, headers and body; waiting for the budget is not counted. */
  timeoutMs?: number;
  /** The `request-id` to send: a retry after a lost answer repeats it. Default: a new one. */
  requestId?: string;
  /** The `client-request-id` to send. Default: a new one. */
  clientRequestId?: string;
}

/** What is known about one answered call, for logs, traces and audit. Holds no payload and no token. */
export interface CallTrace {
  method: HttpMethod;
  /** Path below the base URL, without the query. */
  path: string;
  status: number;
  /** Sent, new for every call. */
  clientRequestId: string;
  /** Sent, stable over the retries of one write. */
  requestId: string;
  /** The upstream's own `request-id`, if it answered one. */
  upstreamRequestId: string | undefined;
  /** The upstream's `x-ms-ags-diagnostic`, if it answered one. */
  diagnostic: string | undefined;
  /** From handing the request over until the answer was read. */
  durationMs: number;
}
