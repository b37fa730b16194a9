import { type InlineResult, submitInline } from "../bulk/submit-inline.ts";
import { builder } from "./builder.ts";
import { type BulkUpdatePayload, BulkUpdatePayloadType } from "./bulk-update-payload.ts";
import { PatchOperationInput } from "./patch-operation.ts";
import { ReferralChangesInput } from "./referral-changes-input.ts";
import { asText, type UserError, userErrorTypes } from "./user-errors.ts";

const BulkItemInput = builder.inputType("BulkItemInput", {
  description: "One row. What is wrong with it makes this row FAILED; the rest goes on.",
  fields: (t) => ({
    referralId: t.id({ description: "Exactly one of referralId and externalReferenceId." }),
    externalReferenceId: t.string({
      description: "The CRM's own id, resolved through the referral list.",
    }),
    changes: t.field({
      type: ReferralChangesInput,
      description: "Exactly one of changes and patch.",
    }),
    patch: t.field({ type: [PatchOperationInput], description: "Raw JSON Patch, same checks." }),
    ifMatch: t.string({
      description: "Pins an ETag: any other version upstream makes this row fail with CONFLICT.",
    }),
  }),
});

const BulkUpdateReferralsInput = builder.inputType("BulkUpdateReferralsInput", {
  fields: (t) => ({
    items: t.field({
      type: [BulkItemInput],
      description: "1 to 1000 rows; larger sets go through POST /bulk-updates.",
    }),
    label: t.string({ description: "For people; at most 255 characters." }),
    idempotencyKey: t.string({
      description: "1 to 255 characters. Same key and same input: the same bulk update.",
    }),
    dryRun: t.boolean({
      defaultValue: false,
      description: "Plan only: nothing is written upstream.",
    }),
    skipUnchanged: t.boolean({
      defaultValue: true,
      description:
        "A row whose referral already is as the row says ends UNCHANGED, without a write.",
    }),
    callbackUrl: t.string({
      description: "Told by a signed POST when the bulk update is over.",
    }),
  }),
});

const BulkUpdateReferralsResult = builder.unionType("BulkUpdateReferralsResult", {
  description: "An error member means nothing was accepted.",
  types: [
    BulkUpdatePayloadType,
    userErrorTypes.invalidInput,
    userErrorTypes.idempotencyMismatch,
    userErrorTypes.serviceUnavailable,
  ],
  resolveType: (result) =>
    result.kind === "payload" ? BulkUpdatePayloadType : userErrorTypes[result.kind],
});

type MutationResult =
  | BulkUpdatePayload
  | Extract<UserError, { kind: "invalidInput" }>
  | Extract<UserError, { kind: "idempotencyMismatch" }>
  | Extract<UserError, { kind: "serviceUnavailable" }>;

builder.mutationField("bulkUpdateReferrals", (t) =>
  t.field({
    type: BulkUpdateReferralsResult,
    nullable: false,
    args: { input: t.arg({ type: BulkUpdateReferralsInput, required: true }) },
    resolve: async (_root, { input }, { services, caller }) =>
      toResult(await submitInline(services, caller, input)),
  }),
);

function toResult(result: InlineResult): MutationResult {
  switch (result.kind) {
    case "accepted":
      return { kind: "payload", bulkUpdate: result.bulkUpdate };
    case "invalidInput":
      return { ...result, message: result.issues.map(asText).join("; ") };
    case "idempotencyMismatch":
      return { ...result, message: "This idempotency key was used for another input" };
    default:
      return { ...result, kind: "serviceUnavailable" };
  }
}
