import { type ReferralUpdate, rowOf, type UpdateState } from "@patchlane/update-queue";
import { callerError } from "../errors.ts";
import type { Services } from "../services.ts";
import { type Connection, checkFirst, connectionOf } from "./connection.ts";

/** Rows answered when the caller does not say how many. */
export const DEFAULT_ITEMS = 100;
/** Most rows answered at once, as many as can be handed in inline; a result file has no limit. */
const MOST_ITEMS = 1_000;

/** A page of rows as a connection; a row's id is its cursor, stable whatever becomes of the rows meanwhile. */
export async function readItems(
  { queue }: Services,
  id: string,
  args: {
    readonly first?: number | null;
    readonly after?: string | null;
    readonly state?: UpdateState | null;
  },
): Promise<Connection<ReferralUpdate>> {
  const { after, state } = args;
  const { rows, hasMore, totalCount } = await queue.bulk.rows(id, {
    first: checkFirst(args.first ?? DEFAULT_ITEMS, MOST_ITEMS),
    ...(after == null ? {} : { afterRow: rowAt(id, after) }),
    ...(state == null ? {} : { state }),
  });
  return connectionOf(rows, (row) => row.id, { hasMore, totalCount, after });
}

function rowAt(id: string, cursor: string): number {
  const row = rowOf(cursor);
  if (row?.bulkUpdateId !== id) {
    throw callerError("BAD_USER_INPUT", "after must be a cursor of this bulk update's items");
  }
  return row.rowNumber;
}
