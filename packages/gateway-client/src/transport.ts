import { GatewayUnreachableError } from "./errors.ts";

/**
 * Gets a bearer token; asked for every request. `refused` is the token the gateway has just answered with 401: whoever keeps
 * tokens gets a new one then. Throws what cannot be helped.
 */
export type TokenSource = (refused?: string) => string | Promise<string>;

export interface TransportOptions {
  /**
   * A bearer token, or what gets one. A request answered with 401 is sent once more when this gets another token then; a fixed
   * token is not tried twice.
   */
  readonly token?: string | TokenSource | undefined;
  /** ms an answer may take to begin; default 60,000. Uploads may take as long as they need. */
  readonly timeoutMs?: number | undefined;
  /** Default the global one. */
  readonly fetch?: typeof fetch | undefined;
}

export interface TransportRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** Until the answer begins, in place of the usual; Infinity for none. */
  readonly timeoutMs?: number;
}

/** Sends one request. Resolves with any answer there is; throws {@link GatewayUnreachableError}, or the reason of an aborted signal. */
export type Transport = (request: TransportRequest) => Promise<Response>;

const USUAL_TIMEOUT_MS = 60_000;

export function createTransport(options: TransportOptions): Transport {
  const { token } = options;
  if (typeof token !== "function") {
    return (request) => sendOnce(options, request, token);
  }
  let refused: string | undefined;
  return async (request) => {
    const bearer = await token(...(refused === undefined ? [] : [refused]));
    const response = await sendOnce(options, request, bearer);
    if (response.status !== 401) {
      refused = undefined;
      return response;
    }
    refused = bearer;
    if (request.body instanceof ReadableStream) {
      return response; // it is gone; whoever can open it again does
    }
    const another = await token(bearer);
    if (another === bearer) {
      return response;
    }
    await response.body?.cancel();
    const again = await sendOnce(options, request, another);
    refused = again.status === 401 ? another : undefined;
    return again;
  };
}

async function sendOnce(
  { timeoutMs = USUAL_TIMEOUT_MS, fetch: send = fetch }: TransportOptions,
  { url, method, headers = {}, body, signal, timeoutMs: ownTimeoutMs }: TransportRequest,
  bearer: string | undefined,
): Promise<Response> {
  signal?.throwIfAborted();
  const timeout = untilLate(ownTimeoutMs ?? timeoutMs);
  try {
    return await send(url, {
      method,
      headers: bearer === undefined ? headers : { ...headers, authorization: `Bearer ${bearer}` },
      // Followed, a POST would become a GET, or go to a stranger.
      redirect: "manual",
      signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
      ...(body === undefined ? {} : { body }),
      ...(body instanceof ReadableStream ? { duplex: "half" as const } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw timeout.signal.aborted
      ? new GatewayUnreachableError(`no answer from ${url} in time`, url, "ETIMEDOUT")
      : unreachable(url, error);
  } finally {
    timeout.met();
  }
}

/** Aborts after some time unless `met` is called: unlike AbortSignal.timeout, which would also cut a body that comes later. */
function untilLate(ms: number): { signal: AbortSignal; met: () => void } {
  const controller = new AbortController();
  const timer = Number.isFinite(ms) ? setTimeout(() => controller.abort(), ms) : undefined;
  return { signal: controller.signal, met: () => clearTimeout(timer) };
}

/** What `fetch` throws when it gets no answer, or not all of it. */
export function unreachable(url: string, error: unknown): GatewayUnreachableError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // Several addresses were tried: each failed in its own way, and the first is as good as any.
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = (first as { code?: unknown } | undefined)?.code;
  const why = first instanceof Error ? first.message : String(first);
  return new GatewayUnreachableError(
    `no answer from ${url}: ${why}`,
    url,
    typeof code === "string" ? code : undefined,
    error,
  );
}
