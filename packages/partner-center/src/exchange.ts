import type { IncomingHttpHeaders } from "node:http";
import { performance } from "node:perf_hooks";
import type { Dispatcher, Pool } from "undici";
import type { HttpMethod } from "./failure-kind.ts";
import { collectBody } from "./read-body.ts";
import { codeOf } from "./safe-cause.ts";

/** One request, ready for the wire. */
export interface ExchangeRequest {
  method: HttpMethod;
  /** With base path and query. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  maxResponseBytes: number;
  /** When the whole exchange must be over, on the monotonic clock (`performance.now()`). */
  deadline: number;
  /** After this moment on the monotonic clock the request may not start to be written any more. */
  startBy: number;
  signal: AbortSignal | undefined;
  /** Called right before the first byte is handed to the socket; false = do not send it. */
  onStart: () => boolean;
}

/** What went wrong, before or in place of a complete answer. */
export interface ExchangeFault {
  /** `TIMEOUT`, `ABORTED`, `RESPONSE_TOO_LARGE`, or the socket's or HTTP library's code. */
  code: string | undefined;
  cause: unknown;
}

/** How an exchange ended. */
export type ExchangeOutcome =
  /** Headers arrived; `text` is undefined when the body did not arrive whole. */
  | {
      type: "answer";
      status: number;
      headers: IncomingHttpHeaders;
      text: string | undefined;
      fault?: ExchangeFault;
      /** From handing the request to the pool until the answer was read. */
      durationMs: number;
    }
  /** No headers arrived. */
  | { type: "lost"; wasSent: boolean; fault: ExchangeFault }
  /** No byte was written, because `startBy` had passed when the socket was ready, or `onStart` said no. */
  | { type: "late" };

/**
 * One HTTP exchange on a pooled socket. Always resolves.
 *
 * Uses the pool's dispatch directly, because only there the moment is visible in which a request is handed to
 * its socket: `onRequestStart` runs synchronously before the first byte, and throwing in it leaves the socket
 * unused and healthy. The pool itself sends nothing twice: with pipelining 1 it re-queues only requests it has
 * not started to write, so a cut connection fails its request, reads included.
 */
export function exchange(pool: Pool, request: ExchangeRequest): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const body = collectBody(request.maxResponseBytes);
    let controller: Dispatcher.DispatchController | undefined;
    let answer: { status: number; headers: IncomingHttpHeaders } | undefined;
    let isSettled = false;
    const startedAt = performance.now();

    const timer = setTimeout(
      () => stop({ code: "TIMEOUT", cause: undefined }),
      Math.max(0, request.deadline - performance.now()),
    );
    const onAbort = () => stop({ code: "ABORTED", cause: undefined });
    request.signal?.addEventListener("abort", onAbort, { once: true });

    const elapsed = () => performance.now() - startedAt;

    function settle(outcome: ExchangeOutcome): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", onAbort);
      resolve(outcome);
    }

    function fail(fault: ExchangeFault): void {
      settle(
        answer === undefined
          ? { type: "lost", wasSent: controller !== undefined, fault }
          : { type: "answer", ...answer, text: undefined, fault, durationMs: elapsed() },
      );
    }

    /** Settles first: aborting the socket reports a second, less precise error. */
    function stop(fault: ExchangeFault): void {
      fail(fault);
      controller?.abort(new Error(fault.code));
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (isSettled) throw new Error("settled before it was sent");
        if (performance.now() > request.startBy || !request.onStart()) {
          settle({ type: "late" });
          throw new Error("too late to be sent");
        }
        controller = started;
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200) return;
        answer = { status, headers };
        if (Number(headers["content-length"]) > request.maxResponseBytes) {
          stop({ code: "RESPONSE_TOO_LARGE", cause: undefined });
        }
      },
      onResponseData(_controller, chunk) {
        if (!body.push(chunk)) stop({ code: "RESPONSE_TOO_LARGE", cause: undefined });
      },
      onResponseEnd() {
        if (answer === undefined) fail({ code: "MALFORMED_ANSWER", cause: undefined });
        else settle({ type: "answer", ...answer, text: body.text(), durationMs: elapsed() });
      },
      onResponseError(_controller, error) {
        // The library's parser does not always fill in its own code.
        const unnamed = error.name === "HTTPParserError" ? "HPE_UNKNOWN" : undefined;
        fail({ code: codeOf(error) ?? unnamed, cause: error });
      },
    };

    if (request.signal?.aborted) return onAbort();
    try {
      pool.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: request.body,
          // One timer bounds the whole exchange; the library's own would only blur which one fired.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    } catch (error) {
      fail({ code: codeOf(error), cause: error });
    }
  });
}
