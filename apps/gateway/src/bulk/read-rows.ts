import { setTimeout as sleep } from "node:timers/promises";
import {
  isRedisTrouble,
  LedgerUnavailableError,
  type ReferralUpdate,
  type RowPage,
  type UpdateState,
} from "@patchlane/update-queue";
import type { Services } from "../services.ts";

/** Rows held in memory at a time. */
const ROWS_A_PAGE = 500;
/** ms a Redis that is away is waited for once rows are under way: a restart must not cost a download. */
const PATIENCE_MS = 30_000;
const RETRY_EVERY_MS = 500;

/**
 * Reads the rows of a bulk update, in row order, a page at a time. The first page is there when this resolves, so that what is
 * wrong from the start can be answered; after that a Redis that is away is waited for, until `signal` aborts.
 */
export async function readRows(
  services: Services,
  id: string,
  state: UpdateState | undefined,
  signal: AbortSignal,
): Promise<AsyncGenerator<ReferralUpdate>> {
  const read = (afterRow: number): Promise<RowPage> =>
    services.queue.bulk.rows(id, {
      first: ROWS_A_PAGE,
      afterRow,
      ...(state === undefined ? {} : { state }),
    });
  return rowsFrom(await read(0), (afterRow) => patiently(() => read(afterRow), signal));
}

async function* rowsFrom(
  first: RowPage,
  next: (afterRow: number) => Promise<RowPage>,
): AsyncGenerator<ReferralUpdate> {
  let page = first;
  for (;;) {
    yield* page.rows;
    const lastRow = page.rows.at(-1)?.rowNumber;
    if (!page.hasMore || lastRow === undefined) {
      return;
    }
    page = await next(lastRow);
  }
}

async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const isAway = error instanceof LedgerUnavailableError || isRedisTrouble(error);
      if (!isAway || performance.now() > deadline) {
        throw error;
      }
      await sleep(RETRY_EVERY_MS, undefined, { signal });
    }
  }
}
