import type { BulkUpdateState, UpdateState } from "./generated/operations.ts";

/** Whether an update will not change any more (a retry of its bulk update aside). */
export function isUpdateFinal({ state }: { readonly state: UpdateState }): boolean {
  return state !== "QUEUED" && state !== "SENDING";
}

/** Whether no row of a bulk update will change any more, retries aside. Rows may still be on their way when it is CANCELLED. */
export function isBulkUpdateOver({
  state,
  counts,
}: {
  readonly state: BulkUpdateState;
  readonly counts: { readonly queued: number; readonly sending: number };
}): boolean {
  return (
    state === "COMPLETED" ||
    state === "COMPLETED_WITH_ERRORS" ||
    (state === "CANCELLED" && counts.queued + counts.sending === 0)
  );
}
