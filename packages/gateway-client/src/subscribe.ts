import { backOff } from "./back-off.ts";
import {
  askedMsOf,
  GatewayUnauthenticatedError,
  GatewayUnreachableError,
  isPassing,
} from "./errors.ts";
import { openEventStream } from "./event-stream.ts";
import { dataOf } from "./execute.ts";
import type { Operation } from "./operation.ts";
import type { Transport } from "./transport.ts";

/*
 * Not the client of graphql-sse (2.6): it tries again what nobody can help (a 401), does not notice a connection that fell silent,
 * takes a gateway's stop for the end, and keeps what is not yet read without limit.
 */

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told when the stream was lost and will be opened again. */
  readonly onInterrupted?: ((error: unknown) => void) | undefined;
  /** ms without a word from the gateway after which it is given up; default 5 minutes. */
  readonly patienceMs?: number | undefined;
}

/** Where a subscription is made. */
export interface SubscriptionPlace {
  readonly transport: Transport;
  readonly url: string;
  /** Whether another token can be had when one runs out in the middle. */
  readonly canRenewToken: boolean;
}

const USUAL_PATIENCE_MS = 300_000;

/**
 * What a subscription tells, over SSE. A lost stream is opened again and starts with the current state. Ends when the server
 * completes it after a value for which `isFinal` holds: a gateway that stops completes its streams, too.
 * Throws what cannot be helped by trying again, and what went on for longer than `patienceMs`.
 */
export async function* subscribe<Data, Variables>(
  { transport, url, canRenewToken }: SubscriptionPlace,
  operation: Operation<Data, Variables>,
  variables: Variables,
  isFinal: (data: Data) => boolean,
  options: WatchOptions = {},
): AsyncGenerator<Data, void, undefined> {
  const { signal, onInterrupted, patienceMs = USUAL_PATIENCE_MS } = options;
  const request = {
    url,
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: operation.text, variables }),
    signal,
  } as const;
  let heardAt = performance.now();
  let hasToldHere = false;
  // A stream that has told something is alive with every comment; one that never does is not there for this.
  const onHeard = (): void => {
    heardAt = hasToldHere ? performance.now() : heardAt;
  };
  let failures = 0;
  for (;;) {
    let isOver = false;
    hasToldHere = false;
    try {
      for await (const { event, data } of openEventStream(transport, request, { onHeard })) {
        if (event === "complete") {
          break;
        }
        if (event === "next") {
          const value = dataOf<Data>(data, url, 200);
          failures = 0;
          isOver = isFinal(value);
          hasToldHere = true;
          yield value;
          onHeard(); // how long the caller took over it is not the gateway's silence
        }
      }
      if (isOver) {
        return;
      }
      throw new GatewayUnreachableError(`${url} ended the stream too early`, url, undefined);
    } catch (error) {
      signal?.throwIfAborted();
      // The gateway ends a stream with its token; the next one is opened with a new one.
      if (error instanceof GatewayUnauthenticatedError && canRenewToken && hasToldHere) {
        onInterrupted?.(error);
        continue;
      }
      if (!isPassing(error) || performance.now() - heardAt > patienceMs) {
        throw error;
      }
      onInterrupted?.(error);
      failures += 1;
      await backOff(failures, askedMsOf(error), signal);
    }
  }
}
