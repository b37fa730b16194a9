/** Rows as bytes or text, whole or piece by piece. */
export type UploadBody =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** Rows on their way out. */
export interface OpenRows {
  /** A stream that is read no faster than it is sent; or all of it, which every browser can send. */
  readonly content: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>;
  /** To be told when the answer has begun. */
  answered(): void;
  /** What went wrong while the rows were read; undefined if nothing did. */
  failure(): unknown;
  /** Lets go of what the rows are read from. */
  close(): Promise<unknown>;
}

/** `onProgress` is told the bytes that were taken. */
export function openRows(
  body: UploadBody,
  onProgress: ((bytes: number) => void) | undefined,
  compress: boolean,
): OpenRows {
  if (isWhole(body) && !compress) {
    const content = bytesOf(body) as Uint8Array<ArrayBuffer>;
    const answered = (): void => onProgress?.(content.byteLength);
    return { content, answered, failure: () => undefined, close: async () => {} };
  }
  let failure: unknown;
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    try {
      for await (const piece of isWhole(body) ? [body] : body) {
        const chunk = bytesOf(piece);
        yield chunk;
        taken += chunk.byteLength;
        onProgress?.(taken);
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const rows = bytes();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await rows.next();
        if (done === true) {
          controller.close();
        } else {
          controller.enqueue(value);
        }
      },
      cancel: async () => {
        await rows.return();
      },
    },
    { highWaterMark: 0 },
  );
  const content = compress ? stream.pipeThrough(gzip()) : stream;
  return { content, answered: () => {}, failure: () => failure, close: () => rows.return() };
}

function gzip(): TransformStream<Uint8Array, Uint8Array> {
  return new CompressionStream("gzip") as unknown as TransformStream<Uint8Array, Uint8Array>;
}

function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
}

function isWhole(body: UploadBody): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}
