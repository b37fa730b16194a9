import type { ReferralUpdate, UpdateFailure } from "@patchlane/update-queue";
import { referralOf } from "../read-referral.ts";
import { hasRole } from "../sign-in/caller.ts";
import { findUpdate, visibleIds } from "../visible-updates.ts";
import { builder } from "./builder.ts";
import { BulkUpdateType } from "./bulk-update.ts";
import { PatchOperationType } from "./patch-operation.ts";
import { ReferralType } from "./referral.ts";

export const UpdateStateEnum = builder.enumType("UpdateState", {
  values: {
    QUEUED: { description: "Accepted and durable; waits for its turn." },
    SENDING: { description: "Being written upstream." },
    APPLIED: { description: "Final: the upstream has it." },
    UNCHANGED: { description: "Final: the referral already was so; nothing was written." },
    FAILED: { description: "Final: will not be written; `error` says why." },
    CANCELLED: { description: "Final: taken back before it was sent." },
  } as const,
});

const FailureCodeEnum = builder.enumType("FailureCode", {
  values: {
    INVALID_CHANGE: { description: "The patch is not valid, or the upstream refused it (4xx)." },
    INVALID_TRANSITION: { description: "Against the status and substatus rules." },
    CONFLICT: {
      description: "The pinned ETag is no longer current, or somebody else kept writing first.",
    },
    REFERRAL_NOT_FOUND: {},
    ACCESS_DENIED: {},
    UPSTREAM_UNAVAILABLE: { description: "Gave up after retries." },
    OUTCOME_UNKNOWN: {
      description: "The upstream's answer was lost and could not be established afterwards.",
    },
    INTERNAL: {},
  } as const,
});

export const UpdateFailureType = builder.objectRef<UpdateFailure>("UpdateFailure").implement({
  fields: (t) => ({
    code: t.expose("code", { type: FailureCodeEnum, nullable: false }),
    message: t.exposeString("message", { nullable: false }),
    path: t.exposeString("path"),
    upstreamStatus: t.exposeInt("upstreamStatus"),
    upstreamCode: t.exposeString("upstreamCode"),
    clientRequestId: t.exposeString("clientRequestId"),
  }),
});

export const ReferralUpdateType = builder.objectRef<ReferralUpdate>("ReferralUpdate");

ReferralUpdateType.implement({
  description: "One accepted request for one referral.",
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    referralId: t.exposeID("referralId", {
      nullable: false,
      description: "Empty until the external id a row names its referral by is resolved.",
    }),
    externalReferenceId: t.exposeString("externalReferenceId", {
      description: "The CRM's own id, when a row named its referral by that.",
    }),
    state: t.expose("state", { type: UpdateStateEnum, nullable: false }),
    bulkUpdate: t.field({
      type: BulkUpdateType,
      description: "Whose row it is; null for who is no administrator.",
      resolve: ({ bulkUpdateId }, _args, { loads, caller }) =>
        bulkUpdateId === undefined || !hasRole(caller, "admin")
          ? null
          : loads.bulkUpdate(bulkUpdateId),
    }),
    rowNumber: t.exposeInt("rowNumber", { description: "Its data row there, counted from 1." }),
    skipUnchanged: t.exposeBoolean("skipUnchanged", {
      description: "It ends UNCHANGED when the referral already is as it says.",
    }),
    patch: t.field({
      type: [PatchOperationType],
      nullable: false,
      description: "What was sent; before that, what is known so far of what will be.",
      resolve: ({ patch }) => [...patch],
    }),
    error: t.expose("error", { type: UpdateFailureType, description: "Set iff FAILED." }),
    submittedBy: t.exposeString("submittedBy", { nullable: false }),
    submittedAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ submittedAt }) => submittedAt,
    }),
    finishedAt: t.field({ type: "DateTime", resolve: ({ finishedAt }) => finishedAt }),
    attempts: t.exposeInt("attempts", {
      nullable: false,
      description: "Upstream writes tried for it; being throttled is not an attempt.",
    }),
    mergedWith: t.field({
      type: ["ID"],
      nullable: false,
      description: "Other updates that left in the same PATCH; those the caller may see.",
      resolve: ({ mergedWith }, _args, context) => visibleIds(context, mergedWith),
    }),
    clientRequestId: t.exposeString("clientRequestId", {
      description: "Of the upstream call that settled it.",
    }),
    requestId: t.exposeString("requestId", {
      description: "Of its last upstream write, the same for every try after a lost answer.",
    }),
    etagBefore: t.exposeString("etagBefore", {
      description: "The referral's ETag as last known before the write that settled it.",
    }),
    etag: t.exposeString("etag", { description: "The referral's ETag after it was applied." }),
    referral: t.field({
      type: ReferralType,
      resolve: (update, _args, { services }) =>
        update.referralId === "" ? null : referralOf(services, update),
    }),
  }),
});

builder.queryField("referralUpdate", (t) =>
  t.field({
    type: ReferralUpdateType,
    args: { id: t.arg.id({ required: true }) },
    description:
      "What became of an accepted update; null when it is unknown, its retention is over, or it is somebody else's.",
    resolve: (_root, { id }, context) => findUpdate(context, id),
  }),
);
