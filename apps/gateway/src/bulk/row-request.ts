import type { RowInput } from "@patchlane/update-queue";
import type { InputIssue } from "../submit/parse-request.ts";

/** A row as it was read, before it is checked: the members of a BulkItemInput, of any type. */
export interface RowRequest {
  readonly referralId?: unknown;
  readonly externalReferenceId?: unknown;
  readonly changes?: unknown;
  readonly patch?: unknown;
  readonly ifMatch?: unknown;
}

/** A row as a reader hands it on. */
export interface ReadRow {
  readonly request: RowRequest;
  /** What is wrong with its form; it is then bad, whatever else it says. */
  readonly issues?: readonly InputIssue[];
  /** What to keep of it when it is bad; not asked for otherwise. */
  readonly input: () => RowInput;
  /** Bytes of it in the input, about. */
  readonly bytes: number;
}

/** Reads the rows of an upload of one format, chunk by chunk. Every method throws `UploadProblem` when the whole is refused. */
export interface RowReader {
  /** Rows that are complete with this chunk, in order; to be taken before the next chunk is read. */
  read(chunk: Buffer): Promise<Iterable<ReadRow>>;
  /** The rest, after the last chunk. */
  end(): Promise<Iterable<ReadRow>>;
  /** CSV columns the input used, when its form says; undefined when they follow from the rows. */
  columns(): readonly string[] | undefined;
}

/** Largest row, in bytes of the input: what the largest changes and patches need, twice. Longer ones are bad rows. */
export const LONGEST_ROW_BYTES = 131_072;

/** Characters kept of the text of a row that is too long. */
const MOST_KEPT = 2_000;

/** The start of a text that is too long to be kept, without half a character at its end. */
export function startOf(text: string): string {
  return text.slice(0, MOST_KEPT).replace(/[\ud800-\udbff]$/, "");
}

export const TOO_LONG: InputIssue = {
  code: "TOO_LARGE",
  path: "",
  message: `The row is longer than ${LONGEST_ROW_BYTES} bytes`,
};
