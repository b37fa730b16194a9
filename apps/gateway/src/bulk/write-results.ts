import { pipeline } from "node:stream/promises";
import type { ReferralUpdate } from "@patchlane/update-queue";
import { stringify } from "csv-stringify";
import { resultColumns } from "./result-members.ts";
import { csvRecord, inputColumnsOf, jsonRecord } from "./result-row.ts";

type Rows = AsyncIterable<ReferralUpdate>;

/** Writes rows as CSV (RFC 4180), as fast as they are taken; `columns` are those of the input. Ends `to`. */
export function writeCsv(
  rows: Rows,
  columns: readonly string[],
  to: NodeJS.WritableStream,
): Promise<void> {
  const inputColumns = inputColumnsOf(columns);
  const stringifier = stringify({
    header: true,
    columns: [...resultColumns, ...inputColumns],
    record_delimiter: "windows",
    // Every kind of line end, and blanks at the edges, survive readers that would split or trim there.
    quoted_match: /[\r\n]|^\s|\s$/,
  });
  return pipeline(records(rows, inputColumns), stringifier, to);
}

async function* records(rows: Rows, inputColumns: readonly string[]): AsyncGenerator<string[]> {
  for await (const row of rows) {
    yield csvRecord(row, inputColumns);
  }
}

/** Writes rows as one JSON object a line, as fast as they are taken. Ends `to`. */
export function writeNdjson(rows: Rows, to: NodeJS.WritableStream): Promise<void> {
  return pipeline(lines(rows), to);
}

async function* lines(rows: Rows): AsyncGenerator<string> {
  for await (const row of rows) {
    yield `${JSON.stringify(jsonRecord(row))}\n`;
  }
}
