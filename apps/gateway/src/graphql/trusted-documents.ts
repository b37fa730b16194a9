import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { SettingsError } from "@patchlane/service-kit";
import { z } from "zod";

/** The only documents that run, by the SHA-256 of their text (lower case hex). */
export type TrustedDocuments = ReadonlyMap<string, string>;

const schema = z.record(z.string(), z.string());

/**
 * Reads a file of `{ "<sha256 of the text>": "<text>" }`; undefined without a path. Throws `SettingsError` when it is missing, or
 * is not such a file.
 */
export function readTrustedDocuments(path: string | undefined): TrustedDocuments | undefined {
  if (path === undefined) {
    return undefined;
  }
  const problem = (what: string): SettingsError =>
    new SettingsError([`TRUSTED_DOCUMENTS_PATH: ${what}`]);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw problem(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const read = schema.safeParse(parsed(text));
  if (!read.success) {
    throw problem('must be a JSON file of { "<sha256 of the text>": "<text>" }');
  }
  const documents = new Map(Object.entries(read.data));
  for (const [id, document] of documents) {
    if (id !== sha256(document)) {
      throw problem(`${id.slice(0, 64)} is not the SHA-256 (lower case hex) of its text`);
    }
  }
  if (documents.size === 0) {
    throw problem("has no document in it, so that nothing would run");
  }
  return documents;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
