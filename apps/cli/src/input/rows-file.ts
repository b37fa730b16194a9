import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ResultsFormat } from "@patchlane/gateway-client";
import { usageFailure } from "../failure.ts";
import type { InputPlaces } from "./json-argument.ts";

/** Rows that can be sent. */
export interface RowsFile {
  readonly format: ResultsFormat;
  /** Whether the bytes are packed already. */
  readonly isGzip: boolean;
  /** Undefined for standard input and pipes with a name. */
  readonly bytes: number | undefined;
  /** Whether `open` may be called again. */
  readonly canRepeat: boolean;
  open(): AsyncIterable<Uint8Array>;
}

const FORMATS: Readonly<Record<string, ResultsFormat>> = {
  csv: "csv",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

/** A file, or `-` for standard input. Throws a usage failure when it cannot be read or its format is not known. */
export async function rowsFile(
  name: string,
  format: ResultsFormat | undefined,
  places: InputPlaces,
): Promise<RowsFile> {
  if (name === "-") {
    if (format === undefined) {
      throw usageFailure(
        "standard input has no name to tell its format",
        "Add --format csv or --format ndjson.",
      );
    }
    const open = () => places.stdin;
    return { format, isGzip: false, bytes: undefined, canRepeat: false, open };
  }
  const isGzip = /\.gz$/i.test(name);
  const ending = /\.([^./\\]+)$/.exec(name.replace(/\.gz$/i, ""))?.[1]?.toLowerCase() ?? "";
  const known = format ?? (Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined);
  if (known === undefined) {
    throw usageFailure(
      `the name ${name} does not tell whether it is CSV or NDJSON`,
      "Add --format csv or --format ndjson.",
    );
  }
  const path = resolve(places.directory, name);
  const bytes = await sizeOf(path);
  const open = () => createReadStream(path);
  return { format: known, isGzip, bytes, canRepeat: bytes !== undefined, open };
}

/** Bytes of a regular file. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    throw usageFailure(
      code === "ENOENT" ? `there is no file ${path}` : `${path} cannot be read (${String(code)})`,
    );
  });
  if (found.isDirectory()) {
    throw usageFailure(`${path} is a directory`);
  }
  return found.isFile() ? found.size : undefined;
}
