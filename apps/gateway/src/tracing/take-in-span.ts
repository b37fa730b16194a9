import { inSpan, type Span } from "@patchlane/service-kit";
import type { NewBulkUpdate } from "@patchlane/update-queue";
import type { TakenIn } from "../bulk/take-rows.ts";

/** Takes a bulk update in; its rows continue the trace from here, when there is one that is recorded. */
export function takeInSpan(
  bulkUpdate: NewBulkUpdate,
  take: (traced: NewBulkUpdate, span: Span) => Promise<TakenIn>,
): Promise<TakenIn> {
  return inSpan(
    "take bulk update",
    {},
    async (span) => {
      const { traceparent: trace } = span;
      const taken = await take(trace === undefined ? bulkUpdate : { ...bulkUpdate, trace }, span);
      span.set({
        "patchlane.outcome": taken.kind,
        "patchlane.bulk_update.id": taken.kind === "taken" ? taken.bulkUpdateId : undefined,
      });
      return taken;
    },
    { kind: "producer" },
  );
}
