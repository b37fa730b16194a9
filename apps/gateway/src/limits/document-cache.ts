import type { DocumentNode } from "graphql";

/** Bytes all kept documents may take: some five hundred of the usual size. */
const MOST_BYTES = 33_554_432;
/** Bytes of memory per token of a parsed document, and per character of its text; measured, rounded up. */
const BYTES_PER_TOKEN = 500;
const BYTES_PER_CHARACTER = 2;

/**
 * Parsed documents by their text, the ones used last. Bounded in bytes: bounded in number, a caller that never sends the
 * same text twice would fill it with the largest ones there are.
 */
export function createDocumentCache(mostBytes = MOST_BYTES) {
  const kept = new Map<string, DocumentNode>();
  let bytes = 0;
  const weightOf = (text: string, document: DocumentNode): number =>
    text.length * BYTES_PER_CHARACTER + (document.tokenCount ?? 0) * BYTES_PER_TOKEN;
  return {
    get(text: string): DocumentNode | undefined {
      const document = kept.get(text);
      if (document !== undefined) {
        kept.delete(text); // a Map keeps the order of insertion: it is the one used last now
        kept.set(text, document);
      }
      return document;
    },
    set(text: string, document: DocumentNode): void {
      if (kept.has(text)) {
        return;
      }
      kept.set(text, document);
      bytes += weightOf(text, document);
      for (const [oldText, old] of kept) {
        if (bytes <= mostBytes) {
          return;
        }
        kept.delete(oldText);
        bytes -= weightOf(oldText, old);
      }
    },
    /** How many are kept. */
    get size(): number {
      return kept.size;
    },
  };
}
