import { v7 as uuidv7 } from "uuid";

/*
 * `blk_<32 hex>` names a bulk update, `upd_<the same 32 hex>_<row number>` one of its rows. So rows need no index, repeating a
 * step of an intake or a plan cannot make a row twice, and every script knows whose counts a row's change belongs to.
 */

const BULK_ID = /^blk_([0-9a-f]{32})$/;
const ROW_ID = /^upd_([0-9a-f]{32})_([1-9][0-9]{0,8})$/;

export function newBulkUpdateId(): string {
  return `blk_${uuidv7().replaceAll("-", "")}`;
}

export function isBulkUpdateId(id: string): boolean {
  return BULK_ID.test(id);
}

/** `rowNumber` counts data rows from 1. */
export function rowUpdateId(bulkUpdateId: string, rowNumber: number): string {
  return `upd_${bulkUpdateId.slice("blk_".length)}_${rowNumber}`;
}

/** Whose row an update is; undefined for one that came alone. */
export function rowOf(
  updateId: string,
): { readonly bulkUpdateId: string; readonly rowNumber: number } | undefined {
  const [, bulk, row] = ROW_ID.exec(updateId) ?? [];
  return bulk === undefined ? undefined : { bulkUpdateId: `blk_${bulk}`, rowNumber: Number(row) };
}
