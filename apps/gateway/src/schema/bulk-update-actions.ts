import {
  type BulkAction,
  type BulkUpdateState,
  type BulkUpdates,
  isBulkUpdateId,
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

/** `leadsTo` is the state in which there is nothing left to do: asking again is no error. */
function addAction(
  name: string,
  description: string,
  leadsTo: BulkUpdateState | undefined,
  act: Act,
): void {
  builder.mutationField(name, (t) =>
    t.field({
      type: BulkUpdateActionResult,
      nullable: false,
      description,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => answer(context, id, leadsTo, act),
    }),
  );
}

addAction("cancelBulkUpdate", "Rows not yet SENDING become CANCELLED.", "CANCELLED", (bulk, id) =>
  bulk.cancel(id),
);
addAction(
  "pauseBulkUpdate",
  "Rows that are QUEUED wait; those being sent come to their end.",
  "PAUSED",
  (bulk, id, by) => bulk.pause(id, by),
);
addAction("resumeBulkUpdate", "Ends a pause.", "RUNNING", (bulk, id) => bulk.resume(id));
addAction(
  "retryBulkUpdate",
  "Queues its FAILED rows again, and only those, in place; rows that hold nothing that could be sent stay as they are.",
  undefined,
  (bulk, id) => bulk.retry(id),
);

async function answer(
  { services, caller }: GatewayContext,
  id: string,
  leadsTo: BulkUpdateState | undefined,
  act: Act,
): Promise<ActionResult> {
  if (!isBulkUpdateId(id)) {
    return unknown(id);
  }
  try {
    const action = await act(services.queue.bulk, id, caller.subject);
    if (action.kind === "unknown") {
      return unknown(id);
    }
    if (action.kind === "done" || action.bulkUpdate.state === leadsTo) {
      return { kind: "payload", bulkUpdate: action.bulkUpdate };
    }
    const { message } = action;
    const issues = [{ code: "NOT_POSSIBLE_NOW", path: "/id", message }];
    return { kind: "invalidInput", message, issues };
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

function unknown(id: string): ActionResult {
  return { kind: "notFound", id, message: "There is no such bulk update" };
}
