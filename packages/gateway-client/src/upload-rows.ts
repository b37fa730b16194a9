/** Rows as bytes or text, whole or piece by piece. */
export type UploadBody =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** Rows on their way out. */
export interface OpenRows {
  /** Read no faster than it is sent. */
  readonly stream: ReadableStream<Uint8Array>;
  /** What went wrong while the rows were read; undefined if nothing did. */
  failure(): unknown;
  /** Lets go of what the rows are read from. */
  close(): Promise<unknown>;
}

/** `onProgress` is told the bytes that were taken. */
export function openRows(
  body: UploadBody,
  onProgress: ((bytes: number) => void) | undefined,
): OpenRows {
  let failure: unknown;
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    try {
      for await (const piece of isWhole(body) ? [body] : body) {
        const chunk = typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
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
  return { stream, failure: () => failure, close: () => rows.return() };
}

function isWhole(body: UploadBody): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}
