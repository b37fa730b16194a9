import type { PatchOperation } from "@patchlane/referral-patch";
import type { ReferralUpdate } from "@patchlane/update-queue";
import { readReferral, referralOf } from "../read-referral.ts";
import { type SubmitResult, submitUpdate } from "../submit/submit-update.ts";
import { builder } from "./builder.ts";
import { PatchOperationInput, PatchOperationType } from "./patch-operation.ts";
import { ReferralType } from "./referral.ts";
import { ReferralChangesInput } from "./referral-changes-input.ts";
import { ReferralUpdateType } from "./referral-update.ts";
import { asText, type UserError, userErrorTypes } from "./user-errors.ts";

interface UpdatePayload {
  readonly kind: "payload";
  readonly referralId: string;
  readonly update: ReferralUpdate | undefined;
  readonly patch: readonly PatchOperation[];
}

const UpdateReferralInput = builder.inputType("UpdateReferralInput", {
  fields: (t) => ({
    referralId: t.id({ required: true }),
    changes: t.field({
      type: ReferralChangesInput,
      description: "Exactly one of changes and patch.",
    }),
    patch: t.field({ type: [PatchOperationInput], description: "Raw JSON Patch, same checks." }),
    ifMatch: t.string({
      description: "Pins an ETag: any other version upstream makes this update fail with CONFLICT.",
    }),
    idempotencyKey: t.string({
      description: "1 to 255 characters. Same key and same input: the same update.",
    }),
    waitMs: t.int({
      defaultValue: 10_000,
      description:
        "How long the mutation waits for the outcome; 0 answers as soon as it is accepted; at most 30000.",
    }),
    dryRun: t.boolean({
      defaultValue: false,
      description: "Check and show the patch; nothing is queued, nothing is written upstream.",
    }),
  }),
});

const UpdateReferralPayloadType = builder
  .objectRef<UpdatePayload>("UpdateReferralPayload")
  .implement({
    description: "Accepted and durable; what became of it stands in `update`.",
    fields: (t) => ({
      update: t.expose("update", { type: ReferralUpdateType, description: "Null on dryRun." }),
      patch: t.field({
        type: [PatchOperationType],
        nullable: false,
        resolve: ({ patch }) => [...patch],
      }),
      referral: t.field({
        type: ReferralType,
        resolve: async ({ update, referralId }, _args, { services }) => {
          if (update !== undefined) {
            return referralOf(services, update);
          }
          const read = await readReferral(services, referralId);
          return read === undefined ? null : { referral: read.referral, etag: read.etag ?? "" };
        },
      }),
    }),
  });

const UpdateReferralResult = builder.unionType("UpdateReferralResult", {
  description: "An error member means nothing was accepted.",
  types: [
    UpdateReferralPayloadType,
    userErrorTypes.invalidInput,
    userErrorTypes.invalidTransition,
    userErrorTypes.referralNotFound,
    userErrorTypes.idempotencyMismatch,
    userErrorTypes.serviceUnavailable,
  ],
  resolveType: (result) =>
    result.kind === "payload" ? UpdateReferralPayloadType : userErrorTypes[result.kind],
});

builder.mutationField("updateReferral", (t) =>
  t.field({
    type: UpdateReferralResult,
    nullable: false,
    args: { input: t.arg({ type: UpdateReferralInput, required: true }) },
    resolve: async (_root, { input }, { services, caller }) =>
      toResult(await submitUpdate(services, caller, input)),
  }),
);

type MutationResult = UpdatePayload | Exclude<UserError, { kind: "notFound" }>;

function toResult(result: SubmitResult): MutationResult {
  switch (result.kind) {
    case "accepted":
      return {
        kind: "payload",
        referralId: result.update.referralId,
        update: result.update,
        patch: result.update.patch,
      };
    case "checked":
      return { ...result, kind: "payload", update: undefined };
    case "invalidInput":
      return { ...result, message: result.issues.map(asText).join("; ") };
    case "notFound":
      return {
        kind: "referralNotFound",
        referralId: result.referralId,
        message: "There is no such referral",
      };
    case "idempotencyMismatch":
      return { ...result, message: "This idempotency key was used for another input" };
    case "unavailable":
      return { ...result, kind: "serviceUnavailable" };
    default:
      return result;
  }
}
