import { createHash } from "node:crypto";
import { CsvRows } from "./csv-rows.ts";
import { NdjsonRows } from "./ndjson-rows.ts";
import { ConnectionLostError } from "./read-body.ts";
import type { ReadRow, RowReader } from "./row-request.ts";
import type { RowSource } from "./take-rows.ts";
import { UploadProblem } from "./upload-problem.ts";
import { Utf8Check } from "./utf8-check.ts";

export interface Upload {
  readonly format: "csv" | "ndjson";
  /** The bytes of the text. */
  readonly body: AsyncIterable<Buffer>;
  /** What else makes it this input and no other. */
  readonly optionsForDigest: string;
  readonly maxRows: number;
}

/** The rows of an upload. Throws `UploadProblem` when it is refused as a whole, with the place. */
export function uploadSource({ format, body, optionsForDigest, maxRows }: Upload): RowSource {
  const reader: RowReader = format === "csv" ? new CsvRows() : new NdjsonRows();
  const digest = createHash("sha256").update(`${format}\n${optionsForDigest}\n`);
  const utf8 = new Utf8Check();
  let rows = 0;
  const hand = async (
    read: Iterable<ReadRow>,
    take: (row: ReadRow) => Promise<void> | undefined,
  ): Promise<void> => {
    for (const row of read) {
      rows++;
      if (rows > maxRows) {
        throw new UploadProblem("TOO_MANY_ROWS", `There are more than ${maxRows} rows`, {
          row: rows,
        });
      }
      const wait = take(row);
      if (wait !== undefined) {
        await wait;
      }
    }
  };
  return {
    async readRows(take) {
      for await (const chunk of body) {
        digest.update(chunk);
        utf8.check(chunk);
        await hand(await reader.read(chunk), take);
      }
      utf8.end();
      await hand(await reader.end(), take);
      if (rows === 0) {
        throw new UploadProblem("EMPTY_INPUT", "There are no rows");
      }
    },
    async skip() {
      for await (const chunk of body) {
        digest.update(chunk);
      }
    },
    digest: () => digest.copy().digest("hex"),
    columns: () => reader.columns(),
    mayResumeAfter: (error) => error instanceof ConnectionLostError,
  };
}
