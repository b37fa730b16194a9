import { Buffer } from "node:buffer";

/** Collects an answer's bytes up to a bound. */
export interface BodyCollector {
  /** False when this chunk goes beyond the bound; nothing is kept then. */
  push(chunk: Uint8Array): boolean;
  text(): string;
}

/** A collector that holds at most `maxBytes`. */
export function collectBody(maxBytes: number): BodyCollector {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.byteLength;
      if (size > maxBytes) {
        chunks.length = 0;
        return false;
      }
      chunks.push(chunk);
      return true;
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}
