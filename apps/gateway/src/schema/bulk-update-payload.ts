import type { BulkUpdate } from "@patchlane/update-queue";
import { builder } from "./builder.ts";
import { BulkUpdateType } from "./bulk-update.ts";

/** The good member of every result about a bulk update. */
export interface BulkUpdatePayload {
  readonly kind: "payload";
  readonly bulkUpdate: BulkUpdate;
}

export const BulkUpdatePayloadType = builder
  .objectRef<BulkUpdatePayload>("BulkUpdatePayload")
  .implement({
    description: "Accepted and durable; what becomes of it stands in `bulkUpdate`.",
    fields: (t) => ({
      bulkUpdate: t.expose("bulkUpdate", { type: BulkUpdateType, nullable: false }),
    }),
  });
