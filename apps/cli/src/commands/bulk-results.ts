import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ResultsFormat, type UpdateState, updateStateValues } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { bytes } from "../output/numbers.ts";
import { noSuchBulkUpdate } from "../watch-to-end.ts";
import { oneOf } from "./option-values.ts";
import type { Runner } from "./runner.ts";

interface Options {
  readonly format?: ResultsFormat;
  readonly state?: UpdateState;
  readonly output?: string;
}

export function addBulkResults(parent: Command, run: Runner): void {
  parent
    .command("results")
    .summary("every row, with what became of it")
    .description(
      "Writes a bulk update's rows as they came in, each with what became of it, to standard output or a file.",
    )
    .argument("<bulk-id>", "blk_…")
    .option(
      "-f, --format <format>",
      "csv or ndjson (default: by the name of --output, else csv)",
      oneOf(["csv", "ndjson"] as const),
    )
    .option(
      "--state <state>",
      `only rows in this state: ${updateStateValues.join(", ")}`,
      oneOf(updateStateValues),
    )
    .option(
      "-o, --output <file>",
      "a file instead of standard output; it appears once it is complete",
    )
    .addHelpText(
      "after",
      `
The rows with --state FAILED can be corrected and submitted again as they are: result columns are ignored.
With --json, the format is ndjson; with --output, one document says what was written.

Examples:
  patchlane bulk results blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c --state FAILED --output failed.csv
  patchlane bulk results blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c --format ndjson | jq .state`,
    )
    .action((id: string, options: Options, command: Command) =>
      run(command, (context) => results(context, id, options)),
    );
}

async function results(context: Context, id: string, options: Options): Promise<ExitCode> {
  const { gateway, printer, signal } = context;
  const { state, output } = options;
  const format = options.format ?? usualFormat(output, printer.isJson);
  const rows = await gateway.bulkUpdateResults(id, { format, state, signal });
  if (rows === undefined) {
    throw noSuchBulkUpdate(id);
  }
  if (output === undefined) {
    await pipeline(Readable.from(rows), printer.out.stream, { end: false });
    return exitCodes.ok;
  }
  const path = resolve(context.places.directory, output);
  const written = await writeWhole(rows, path);
  printer.json({ output: path, format, bytes: written });
  printer.note(`${bytes(written)} written to ${output}`);
  return exitCodes.ok;
}

function usualFormat(output: string | undefined, isJson: boolean): ResultsFormat {
  if (output !== undefined) {
    return /\.(ndjson|jsonl)$/i.test(output) ? "ndjson" : "csv";
  }
  return isJson ? "ndjson" : "csv";
}

/** Answers the bytes. Half a file is never left under the name that was asked for. */
async function writeWhole(rows: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const unfinished = `${path}.${process.pid}.part`;
  const file = createWriteStream(unfinished, { flags: "wx" });
  try {
    await pipeline(Readable.from(rows), file);
    await rename(unfinished, path);
    return file.bytesWritten;
  } catch (error) {
    await rm(unfinished, { force: true });
    const { code, syscall } = error as { code?: unknown; syscall?: unknown };
    throw syscall === undefined
      ? error
      : usageFailure(`${path} cannot be written (${String(code)})`);
  }
}
