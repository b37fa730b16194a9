import type { ReferralUpdate } from "@patchlane/update-queue";
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
  types: [CancelReferralUpdatePayload, userErrorTypes.notFound, userErrorTypes.invalidInput],
  resolveType: (result) =>
    result.kind === "payload" ? CancelReferralUpdatePayload : userErrorTypes[result.kind],
});

type CancelResult =
  | CancelPayload
  | Extract<UserError, { kind: "notFound" }>
  | Extract<UserError, { kind: "invalidInput" }>;

builder.mutationField("cancelReferralUpdate", (t) =>
  t.field({
    type: CancelReferralUpdateResult,
    nullable: false,
    args: { id: t.arg.id({ required: true }) },
    description: "Takes an update back; only while it is QUEUED.",
    resolve: async (_root, { id }, { services }): Promise<CancelResult> => {
      const state = await services.queue.ledger.cancel(id);
      const update = state === undefined ? undefined : await services.queue.ledger.get(id);
      if (update === undefined) {
        return { kind: "notFound", id, message: "There is no such update" };
      }
      if (state !== "CANCELLED") {
        const message = `Only a QUEUED update can be cancelled; this one is ${update.state}`;
        return {
          kind: "invalidInput",
          message,
          issues: [{ code: "NOT_QUEUED", path: "/id", message }],
        };
      }
      return { kind: "payload", update };
    },
  }),
);
