import { randomUUID } from "node:crypto";
import type { BulkUploadResult, ResultsFormat } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { CommandFailure } from "../failure.ts";
import { type RowsFile, rowsFile } from "../input/rows-file.ts";
import { Interrupted } from "../interruption.ts";
import { describeBulkUpdate } from "../output/describe-bulk-update.ts";
import { uploadView } from "../output/upload-view.ts";
import { watchToEnd } from "../watch-to-end.ts";
import { oneOf } from "./option-values.ts";
import type { Runner } from "./runner.ts";

interface Options {
  readonly format?: ResultsFormat;
  readonly label?: string;
  readonly dryRun?: boolean;
  /** False only by --no-skip-unchanged. */
  readonly skipUnchanged: boolean;
  readonly idempotencyKey?: string;
  readonly callbackUrl?: string;
  readonly gzip?: boolean;
  readonly watch?: boolean;
}

export function addBulkSubmit(parent: Command, run: Runner): void {
  parent
    .command("submit")
    .summary("hand in many changes as a file")
    .description(
      "Sends the rows of a CSV or NDJSON file (also .gz), or of standard input, as one bulk update, and prints its id.",
    )
    .argument("<file>", "the file, or - for standard input")
    .option(
      "-f, --format <format>",
      "csv or ndjson (default: by the file's name)",
      oneOf(["csv", "ndjson"] as const),
    )
    .option("-l, --label <text>", "a name to find it by")
    .option(
      "--dry-run",
      "plan only: what each row would do, and what the whole would cost; nothing is written",
    )
    .option("--no-skip-unchanged", "write every row, also those that would change nothing")
    .option(
      "--idempotency-key <key>",
      "the same key and input is the same bulk update, however often it is sent",
    )
    .option("--callback-url <url>", "told, signed, when the bulk update is over")
    .option("--gzip", "compress on the way")
    .option("-w, --watch", "show the progress until it is over")
    .addHelpText("after", HELP)
    .action((file: string, options: Options, command: Command) =>
      run(command, (context) => submit(context, file, options)),
    );
}

const HELP = `
CSV has a header of referralId or externalReferenceId, ifMatch, and dotted field paths (see patchlane update --help).
An empty cell leaves its field alone; the cell \\N sends null. NDJSON has one object a line:
  {"referralId":"…","changes":{"details":{"dealValue":"10000"}}}
Lines of "bulk results" can be corrected and submitted as they are.

Nothing runs unless every row has arrived. A file whose connection is lost is sent anew by itself; after any other
failure, repeat the command: with the same --idempotency-key it is one bulk update.

Standard output has the id alone; with --watch, the progress follows. Exit code 3 when the file is refused as a whole,
4 (with --watch) when rows FAILED or were CANCELLED. Ctrl-C while watching leaves the bulk update running.

Examples:
  patchlane bulk submit export.csv --dry-run --watch
  patchlane bulk submit export.csv --label "nightly sync" --idempotency-key crm-2026-11-21 --watch
  crm-export | patchlane bulk submit - --format ndjson --json`;

async function submit(context: Context, name: string, options: Options): Promise<ExitCode> {
  const { gateway, printer } = context;
  const rows = await rowsFile(name, options.format, context.places);
  const id = await upload(context, rows, options);
  // The id first: whatever happens now, it is known.
  printer.line(id);
  if (options.watch === true) {
    return watchToEnd(context, id);
  }
  const bulkUpdate = await gateway.bulkUpdate(id).catch(() => undefined);
  printer.json(bulkUpdate ?? { id });
  if (bulkUpdate !== undefined) {
    describeBulkUpdate(bulkUpdate).slice(1).forEach(printer.note);
  }
  printer.note(`To watch it:  patchlane bulk watch ${id}`);
  return exitCodes.ok;
}

async function upload(context: Context, rows: RowsFile, options: Options): Promise<string> {
  const { gateway, printer, signal } = context;
  const { label, dryRun, skipUnchanged, callbackUrl, gzip } = options;
  const view = uploadView(printer, rows.bytes);
  try {
    const result = await gateway.uploadBulkUpdate({
      body: rows.canRepeat ? () => rows.open() : rows.open(),
      format: rows.format,
      // With a key of its own a file can be sent anew when the connection is lost.
      idempotencyKey: options.idempotencyKey ?? (rows.canRepeat ? randomUUID() : undefined),
      skipUnchanged: skipUnchanged ? undefined : false,
      ...{ label, dryRun, callbackUrl, signal },
      gzip: rows.isGzip ? "compressed" : gzip === true ? "compress" : undefined,
      onProgress: view.sent,
      onInterrupted: view.interrupted,
    });
    return acceptedId(result);
  } catch (error) {
    if (error instanceof Interrupted) {
      printer.note("Not everything was sent: nothing of it will run.");
    }
    throw error;
  } finally {
    view.end();
  }
}

function acceptedId(result: BulkUploadResult): string {
  if (result.kind === "accepted") {
    return result.id;
  }
  const { code = "REFUSED", message, place } = result;
  const { line, row } = place;
  const at = line !== undefined ? `line ${line}: ` : row !== undefined ? `row ${row}: ` : "";
  const hint =
    code === "IDEMPOTENCY_MISMATCH"
      ? "Repeat it with the very same bytes and options, or use another --idempotency-key."
      : "Nothing of it will run.";
  throw new CommandFailure(exitCodes.refused, code, `${at}${message}`, {
    hint,
    details: { ...place },
  });
}
