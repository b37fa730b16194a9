import { isRedisTrouble, type ReferralUpdate } from "@patchlane/update-queue";
import { callerError, RETRY_AFTER_MS } from "../errors.ts";
import type { GatewayContext } from "../services.ts";
import { hasRole } from "../sign-in/caller.ts";
import { tellCancelled } from "../tracing/tell-cancelled.ts";
import { findUpdate } from "../visible-updates.ts";
import { builder } from "./builder.ts";
import { ReferralUpdateType } from "./referral-update.ts";
import { type UserError, userErrorTypes } from "./user-errors.ts";

interface CancelPayload {
  readonly kind: "payload";
  readonly update: ReferralUpdate;
}

const CancelReferralUpdatePayload = builder
  .objectRef<CancelPayload>("CancelReferralUpdatePayload")
  .implement({
    fields: (t) => ({ update: t.expose("update", { type: ReferralUpdateType, nullable: false }) }),
  });

const CancelReferralUpdateResult = builder.unionType("CancelReferralUpdateResult", {
  types: [
    CancelReferralUpdatePayload,
    userErrorTypes.notFound,
    userErrorTypes.invalidInput,
    userErrorTypes.serviceUnavailable,
  ],
  resolveType: (result) =>
    result.kind === "payload" ? CancelReferralUpdatePayload : userErrorTypes[result.kind],
});

type CancelResult =
  | CancelPayload
  | Extract<UserError, { kind: "notFound" }>
  | Extract<UserError, { kind: "invalidInput" }>
  | Extract<UserError, { kind: "serviceUnavailable" }>;

builder.mutationField("cancelReferralUpdate", (t) =>
  t.field({
    type: CancelReferralUpdateResult,
    nullable: false,
    args: { id: t.arg.id({ required: true }) },
    description: "Takes an update back; only while it is QUEUED.",
    resolve: (_root, { id }, context) => cancel(context, id),
  }),
);

async function cancel(context: GatewayContext, id: string): Promise<CancelResult> {
  const { services } = context;
  const unknown = { kind: "notFound", id, message: "There is no such update" } as const;
  try {
    const found = await findUpdate(context, id);
    if (found === undefined) {
      return unknown;
    }
    if (found.bulkUpdateId !== undefined && !hasRole(context.caller, "admin")) {
      throw callerError("FORBIDDEN", "Rows of a bulk update are for administrators to cancel");
    }
    const state = await services.queue.ledger.cancel(id);
    const update = state === undefined ? undefined : await services.queue.ledger.get(id);
    if (update === undefined) {
      return unknown;
    }
    if (state !== "CANCELLED") {
      const message = `Only a QUEUED update can be cancelled; this one is ${update.state}`;
      return {
        kind: "invalidInput",
        message,
        issues: [{ code: "NOT_QUEUED", path: "/id", message }],
      };
    }
    tellCancelled(update);
    return { kind: "payload", update };
  } catch (error) {
    if (!isRedisTrouble(error)) {
      throw error;
    }
    return {
      kind: "serviceUnavailable",
      message:
        "The update queue is not available at the moment; the update may still be cancelled or sent",
      retryAfterMs: RETRY_AFTER_MS,
    };
  }
}
