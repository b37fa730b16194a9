import { createHash } from "node:crypto";
import type { Operation } from "../src/operation.ts";

/**
 * The texts this client sends, by their SHA-256, as the gateway's TRUSTED_DOCUMENTS_PATH wants them. Of the constants the
 * client really has, so that not a space can differ.
 */
export function trustedDocuments(operations: object): string {
  const texts = Object.values(operations as Readonly<Record<string, Operation<unknown, unknown>>>)
    .map(({ text }) => text)
    .sort();
  const documents = Object.fromEntries(texts.map((text) => [sha256(text), text]));
  return `${JSON.stringify(documents, null, 2)}\n`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
