import type { IncomingMessage } from "node:http";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { UploadProblem } from "./upload-problem.ts";

/** ms a sender may be silent while we wait for more; how long the whole takes does not matter. */
const LONGEST_SILENCE_MS = 60_000;

/** Bytes of a decompressed chunk, about what the socket hands over. */
const CHUNK_BYTES = 65_536;

export interface BodyLimits {
  /** Most bytes, after decompression too. */
  readonly maxBytes: number;
  /** Default {@link LONGEST_SILENCE_MS}. */
  readonly silenceMs?: number;
}

/** Thrown when the sender hung up, or fell silent, before the end of the body: there is nobody to be answered. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/**
 * The body of a request, decompressed, as fast as it is taken. The request is not destroyed when the reading stops early, so that
 * it can still be answered. Throws {@link UploadProblem} or {@link ConnectionLostError}.
 */
export async function* readBody(
  request: IncomingMessage,
  isGzip: boolean,
  limits: BodyLimits,
): AsyncGenerator<Buffer> {
  const received = receive(request, limits.silenceMs ?? LONGEST_SILENCE_MS);
  let bytes = 0;
  for await (const chunk of isGzip ? gunzip(received) : received) {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) {
      throw tooLarge(limits.maxBytes);
    }
    yield chunk;
  }
}

export function tooLarge(maxBytes: number): UploadProblem {
  return new UploadProblem("PAYLOAD_TOO_LARGE", `The body is larger than ${maxBytes} bytes`);
}

async function* receive(request: IncomingMessage, silenceMs: number): AsyncGenerator<Buffer> {
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  try {
    for (;;) {
      // Only while we wait: a sender that is kept waiting by us is not silent.
      const stopWatching = watchSilence(silenceMs, () => request.destroy());
      const next = await chunks.next().finally(stopWatching);
      if (next.done === true) {
        break;
      }
      yield next.value;
    }
  } catch (error) {
    throw new ConnectionLostError("the sender hung up or fell silent", { cause: error });
  } finally {
    await chunks.return?.();
  }
  if (!request.complete) {
    throw new ConnectionLostError("the sender hung up or fell silent");
  }
}

/** In two halves: after a pause of our own, what has arrived meanwhile is read before the second is over. */
function watchSilence(silenceMs: number, end: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(end, silenceMs / 2);
  }, silenceMs / 2);
  return () => clearTimeout(timer);
}

async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  pipeline(Readable.from(compressed), unpacked, () => {}); // who reads is told
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      yield chunk;
    }
  } catch (error) {
    throw asProblem(error);
  }
}

function asProblem(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === "Z_BUF_ERROR") {
    return new UploadProblem("TRUNCATED", "The gzip data ends too early");
  }
  return typeof code === "string" && code.startsWith("Z_")
    ? new UploadProblem("INVALID_ENCODING", "The body is not gzip data, or is damaged")
    : error;
}
