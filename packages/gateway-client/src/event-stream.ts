import { EventSourceParserStream } from "eventsource-parser/stream";
import { GatewayUnreachableError } from "./errors.ts";
import { httpErrorOf } from "./http-error.ts";
import { piecesOf } from "./pieces.ts";
import { type Transport, type TransportRequest, unreachable } from "./transport.ts";

/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** ms without a byte after which a stream counts as lost. The gateway says something (a comment, at least) every 12 s. */
const SILENCE_MS = 45_000;

/** How a connection is listened to. */
export interface Listening {
  /** ms without a byte after which it counts as lost; default {@link SILENCE_MS}. */
  readonly silenceMs?: number;
  /** Told of every sign of life, the gateway's comments included. */
  readonly onHeard?: () => void;
}

/**
 * The events of one connection, until the server ends it. Throws {@link GatewayUnreachableError} when it is cut or falls silent,
 * GatewayHttpError when the answer is no event stream.
 */
export async function* openEventStream(
  transport: Transport,
  request: TransportRequest,
  { silenceMs = SILENCE_MS, onHeard }: Listening = {},
): AsyncGenerator<ServerEvent, void, undefined> {
  const hangUp = new AbortController();
  const signal =
    request.signal === undefined ? hangUp.signal : AbortSignal.any([request.signal, hangUp.signal]);
  const untilSilent = () => setTimeout(() => hangUp.abort(), silenceMs);
  let timer = untilSilent();
  const onChunk = (): void => {
    clearTimeout(timer);
    timer = untilSilent();
    onHeard?.();
  };
  try {
    const response = await transport({ ...request, signal, timeoutMs: silenceMs });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      throw await httpErrorOf(response, request.url);
    }
    const events = response.body
      ?.pipeThrough(heard(onChunk))
      .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .pipeThrough(new EventSourceParserStream());
    for await (const { event = "message", data } of piecesOf(events)) {
      yield { event, data };
    }
  } catch (error) {
    request.signal?.throwIfAborted();
    if (hangUp.signal.aborted) {
      const message = `nothing was heard from ${request.url} for ${silenceMs / 1000} s`;
      throw new GatewayUnreachableError(message, request.url, "ETIMEDOUT");
    }
    throw error instanceof TypeError ? unreachable(request.url, error) : error;
  } finally {
    clearTimeout(timer);
    hangUp.abort();
  }
}

/** Tells of every chunk, comments included, which the parser keeps to itself. */
function heard(onChunk: () => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform: (chunk, controller) => {
      onChunk();
      controller.enqueue(chunk);
    },
  });
}
