import type { AccountStatus, BulkUpdate } from "@patchlane/update-queue";

/** Why nothing of it is sent: who paused it, or, while it is RUNNING, what keeps everybody from sending. */
export async function pausedReasonOf(
  bulkUpdate: Pick<BulkUpdate, "state" | "pausedReason">,
  account: () => Promise<AccountStatus>,
): Promise<string | undefined> {
  return bulkUpdate.state === "RUNNING" ? standstillOf(await account()) : bulkUpdate.pausedReason;
}

/** Why nothing is sent for anybody at the moment; undefined when work goes on. */
export function standstillOf({ pausedReason, isDown }: AccountStatus): string | undefined {
  return pausedReason ?? (isDown ? "Partner Center does not answer; it is tried again" : undefined);
}
