import type { AccountStatus, BulkUpdate } from "@patchlane/update-queue";

/** Why nothing of it is sent: who paused it, or, while it is RUNNING, what keeps everybody from sending. */
export async function pausedReasonOf(
  bulkUpdate: Pick<BulkUpdate, "state" | "pausedReason">,
  account: () => Promise<AccountStatus>,
): Promise<string | undefined> {
  return bulkUpdate.state === "RUNNING" ? (await account()).pausedReason : bulkUpdate.pausedReason;
}
