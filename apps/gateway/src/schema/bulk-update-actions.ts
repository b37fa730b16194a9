import {
  type BulkAction,
  type BulkUpdates,
  isRedisTrouble,
  LedgerUnavailableError,
} from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import type { GatewayContext } from "../services.ts";
import { builder } from "./builder.ts";
import { type BulkUpdatePayload, BulkUpdatePayloadType } from "./bulk-update-payload.ts";
import { type UserError, userErrorTypes } from "./user-errors.ts";

const BulkUpdateActionResult = builder.unionType("BulkUpdateActionResult", {
  description: "An error member means nothing was done.",
  types: [
    BulkUpdatePayloadType,
    userErrorTypes.notFound,
    userErrorTypes.invalidInput,
    userErrorTypes.serviceUnavailable,
  ],
  resolveType: (result) =>
    result.kind === "payload" ? BulkUpdatePayloadType : userErrorTypes[result.kind],
});

type ActionResult =
  | BulkUpdatePayload
  | Extract<UserError, { kind: "notFound" }>
  | Extract<UserError, { kind: "invalidInput" }>
  | Extract<UserError, { kind: "serviceUnavailable" }>;

type Act = (bulk: BulkUpdates, id: string, by: string) => Promise<BulkAction>;

function addAction(name: string, description: string, act: Act): void {
  builder.mutationField(name, (t) =>
    t.field({
      type: BulkUpdateActionResult,
      nullable: false,
      description: `${description} Asking for what is so already is no error.`,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => answer(context, id, act),
    }),
  );
}

addAction("cancelBulkUpdate", "Rows not yet SENDING become CANCELLED.", (bulk, id) =>
  bulk.cancel(id),
);
addAction(
  "pauseBulkUpdate",
  "Rows that are QUEUED wait; those being sent come to their end.",
  (bulk, id, by) => bulk.pause(id, by),
);
addAction("resumeBulkUpdate", "Ends a pause.", (bulk, id) => bulk.resume(id));
addAction(
  "retryBulkUpdate",
  "Queues its FAILED rows again, and only those, in place; rows that hold nothing that could be sent stay as they are.",
  (bulk, id) => bulk.retry(id),
);

async function answer(
  { services, caller }: GatewayContext,
  id: string,
  act: Act,
): Promise<ActionResult> {
  try {
    const action = await act(services.queue.bulk, id, caller.subject);
    switch (action.kind) {
      case "done":
        return { kind: "payload", bulkUpdate: action.bulkUpdate };
      case "unknown":
        return { kind: "notFound", id, message: "There is no such bulk update" };
      case "refused": {
        const { message } = action;
        const issues = [{ code: "NOT_POSSIBLE_NOW", path: "/id", message }];
        return { kind: "invalidInput", message, issues };
      }
    }
  } catch (error) {
    if (!(error instanceof LedgerUnavailableError || isRedisTrouble(error))) {
      throw error;
    }
    return {
      kind: "serviceUnavailable",
      message: "The update queue is not available at the moment; it may still have been done",
      retryAfterMs: RETRY_AFTER_MS,
    };
  }
}
