import type { NewBulkRow } from "@patchlane/update-queue";
import { type RowSource, takeRows } from "../../src/bulk/take-rows.ts";
import { UploadProblem } from "../../src/bulk/upload-problem.ts";
import { uploadSource } from "../../src/bulk/upload-source.ts";

/** The bytes in pieces of `size`, as a socket may hand them over. */
export async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

export interface ReadInput {
  readonly rows: NewBulkRow[];
  readonly columns: readonly string[];
  readonly digest: string;
}

function sourceOf(format: "csv" | "ndjson", input: string | Buffer, size: number): RowSource {
  const bytes = Buffer.from(input);
  return uploadSource({
    format,
    body: inPieces(bytes, size),
    optionsForDigest: "",
    maxRows: 100_000,
  });
}

/** Reads an input as an upload would, in pieces of `size` bytes. Throws UploadProblem. */
export async function readInput(
  format: "csv" | "ndjson",
  input: string | Buffer,
  size = 65_536,
): Promise<ReadInput> {
  const rows: NewBulkRow[] = [];
  let end: { inputDigest: string; columns: readonly string[] } | undefined;
  const intake = {
    bulkUpdateId: "blk_test",
    add: async (added: readonly NewBulkRow[]) => void rows.push(...added),
    commit: async (given: { inputDigest: string; columns: readonly string[] }) => {
      end = given;
    },
    discard: async () => {},
  };
  await takeRows(
    { begin: async () => ({ kind: "open", intake }) },
    { isDryRun: false, skipUnchanged: true, submittedBy: "tester" },
    sourceOf(format, input, size),
  );
  return { rows, columns: end?.columns ?? [], digest: end?.inputDigest ?? "" };
}

/** Why an input is refused as a whole: code, message and place. */
export async function refusalOf(
  format: "csv" | "ndjson",
  input: string | Buffer,
  size?: number,
): Promise<object> {
  try {
    await readInput(format, input, size);
  } catch (error) {
    if (error instanceof UploadProblem) {
      const { code, message, place, status } = error;
      return { status, code, message, ...place };
    }
    throw error;
  }
  throw new Error("the input was not refused");
}

/** A row in short: its changes, or why it is bad. */
export function summaryOf(row: NewBulkRow): unknown {
  if (row.kind === "bad") {
    return [row.error.code, row.error.path ?? "", row.error.message];
  }
  const { referralId, externalReferenceId, ifMatch, intent } = row;
  return {
    ...(referralId === undefined ? { externalReferenceId } : { referralId }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...intent,
  };
}
