/** A body piece by piece; not every browser iterates over streams by itself. Lets go of it when nobody reads on. */
export async function* piecesOf<Piece>(
  stream: ReadableStream<Piece> | null | undefined,
): AsyncGenerator<Piece, void, undefined> {
  if (stream === null || stream === undefined) {
    return;
  }
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    // Of no effect when it was read to its end; what a lost connection says here was said before.
    await reader.cancel().catch(() => undefined);
  }
}
