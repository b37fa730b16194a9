import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { usageFailure } from "../failure.ts";
import { parseExactJson } from "./exact-json.ts";

/** Where files and standard input are. */
export interface InputPlaces {
  readonly directory: string;
  readonly stdin: AsyncIterable<Uint8Array>;
}

/** The value of an option that is JSON, `@file` with JSON in it, or `@-` for standard input. */
export async function jsonArgument(
  option: string,
  given: string,
  places: InputPlaces,
): Promise<unknown> {
  const text = given.startsWith("@") ? await contentOf(option, given.slice(1), places) : given;
  try {
    return parseExactJson(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = given.startsWith("@")
      ? undefined
      : `Write ${option} @file to read it from a file.`;
    throw usageFailure(`${option} is not valid JSON: ${why}`, hint);
  }
}

async function contentOf(option: string, path: string, places: InputPlaces): Promise<string> {
  if (path === "-") {
    return textOf(places.stdin as unknown as NodeJS.ReadableStream);
  }
  const file = resolve(places.directory, path);
  return readFile(file, "utf8").catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    throw usageFailure(`${option}: ${file} cannot be read (${String(code)})`);
  });
}
