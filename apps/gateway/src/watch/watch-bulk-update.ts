import { type BulkUpdate, isBulkOver } from "@patchlane/update-queue";
import { findBulkUpdate } from "../bulk/find-bulk-update.ts";
import { pausedReasonOf } from "../bulk/paused-reason.ts";
import { callerError } from "../errors.ts";
import type { GatewayContext, Services } from "../services.ts";
import { type Followed, follow } from "./follow.ts";
import { interruptible } from "./interruptible.ts";

/** ms between two tellings: four a second are as many as a progress bar can show. */
const EVERY_MS = 250;

/** A bulk update as it is now, then as it changes, until no row of it will change any more. Throws NOT_FOUND when it is unknown. */
export async function watchBulkUpdate(
  context: Pick<GatewayContext, "services" | "caller">,
  id: string,
): Promise<AsyncIterable<BulkUpdate | Error>> {
  const { services } = context;
  if ((await findBulkUpdate(services, id)) === undefined) {
    throw callerError("NOT_FOUND", "There is no such bulk update");
  }
  const followed: Followed<BulkUpdate> = {
    id,
    look: async () => {
      const bulkUpdate = await findBulkUpdate(services, id);
      return bulkUpdate && withPausedReason(services, bulkUpdate);
    },
    tell: (told, _heard, latest) =>
      told !== undefined && progressOf(told) === progressOf(latest) ? [] : [latest],
    isOver: isBulkOver,
    everyMs: EVERY_MS,
  };
  return interruptible((signal) => follow(context, followed, signal));
}

/** That nobody can send at the moment is news, too. */
async function withPausedReason(
  { queue }: Pick<Services, "queue">,
  bulkUpdate: BulkUpdate,
): Promise<BulkUpdate> {
  const pausedReason = await pausedReasonOf(bulkUpdate, () => queue.account.get());
  return pausedReason === undefined ? bulkUpdate : { ...bulkUpdate, pausedReason };
}

/** What is worth telling when it changed. */
function progressOf({ state, counts, upstreamCalls, pausedReason, plan }: BulkUpdate): string {
  return JSON.stringify([state, counts, upstreamCalls, pausedReason, plan]);
}
