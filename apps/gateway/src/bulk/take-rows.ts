import type { BulkIntake, BulkUpdates, NewBulkUpdate } from "@patchlane/update-queue";
import { LedgerUnavailableError } from "@patchlane/update-queue";
import { takeInSpan } from "../tracing/take-in-span.ts";
import { checkRow } from "./check-row.ts";
import { RowBatches } from "./row-batches.ts";
import { RowColumns } from "./row-columns.ts";
import type { ReadRow } from "./row-request.ts";

/**
 * ms between signs of life of an intake whose sender is slow: 500 rows, one by one, may take minutes. How long a sender may be
 * silent is for who reads its body to say.
 */
const SIGN_OF_LIFE_EVERY_MS = 20_000;

/** An input with its rows, to be gone through once. */
export interface RowSource {
  /** Hands the rows over in order, waiting where `take` answers a promise. */
  readRows(take: (row: ReadRow) => Promise<void> | undefined): Promise<void>;
  /** Goes through the input without its rows, for its digest. */
  skip(): Promise<void>;
  /** Identifies the whole input, its options included. After one of the above. */
  digest(): string;
  /** CSV columns of the input; undefined when they follow from the rows. */
  columns(): readonly string[] | undefined;
  /** Whether the same input may come again to resume the intake after this error: it is then not discarded. */
  mayResumeAfter(error: unknown): boolean;
}

export type TakenIn =
  /** Complete and durable: it runs. */
  | { readonly kind: "taken"; readonly bulkUpdateId: string }
  /** The idempotency key belongs to another input. */
  | { readonly kind: "mismatch" };

/**
 * Takes a bulk update in, from whichever way it comes: every row is checked and written, then the whole is committed. Throws what
 * the source throws, `LedgerUnavailableError` and `IntakeLostError`; nothing of it will run then.
 */
export function takeRows(
  bulk: Pick<BulkUpdates, "begin">,
  bulkUpdate: NewBulkUpdate,
  source: RowSource,
): Promise<TakenIn> {
  return takeInSpan(bulkUpdate, (traced) => take(bulk, traced, source));
}

async function take(
  bulk: Pick<BulkUpdates, "begin">,
  bulkUpdate: NewBulkUpdate,
  source: RowSource,
): Promise<TakenIn> {
  const begun = await bulk.begin(bulkUpdate);
  if (begun.kind === "earlier") {
    await source.skip();
    const { bulkUpdateId, inputDigest } = begun;
    return inputDigest === source.digest() ? { kind: "taken", bulkUpdateId } : { kind: "mismatch" };
  }
  const { intake } = begun;
  const signs = setInterval(() => {
    intake.add([]).catch(() => {}); // whoever adds rows next is told
  }, SIGN_OF_LIFE_EVERY_MS).unref();
  try {
    await writeRows(intake, source);
    return { kind: "taken", bulkUpdateId: intake.bulkUpdateId };
  } catch (error) {
    const isKept = bulkUpdate.idempotencyKey !== undefined && source.mayResumeAfter(error);
    const isAway = error instanceof LedgerUnavailableError;
    if (!isKept && !isAway) {
      // What cannot be discarded now is a little later, as given up.
      await intake.discard().catch(() => {});
    }
    throw error;
  } finally {
    clearInterval(signs);
  }
}

async function writeRows(intake: BulkIntake, source: RowSource): Promise<void> {
  const batches = new RowBatches(intake);
  const columns = new RowColumns();
  await source.readRows((read) => {
    const row = checkRow(read);
    if (source.columns() === undefined) {
      columns.note(row);
    }
    return batches.push(row, read.bytes);
  });
  await batches.flush();
  await intake.commit({
    inputDigest: source.digest(),
    columns: source.columns() ?? columns.names(),
  });
}
