import { type BulkUpdate, isBulkUpdateId } from "@patchlane/update-queue";
import type { Services } from "../services.ts";

/** The bulk update as it is now; undefined when there is none of that id (any more). Throws when Redis does not answer. */
export async function findBulkUpdate(
  { queue }: Pick<Services, "queue">,
  id: string,
): Promise<BulkUpdate | undefined> {
  return isBulkUpdateId(id) ? queue.bulk.get(id) : undefined;
}
