import type { AuditEntry } from "@patchlane/update-queue";
import { visibleIds } from "../visible-updates.ts";
import { builder } from "./builder.ts";
import { PatchOperationType } from "./patch-operation.ts";
import { UpdateFailureType, UpdateStateEnum } from "./referral-update.ts";

export const AuditEntryType = builder.objectRef<AuditEntry>("AuditEntry").implement({
  description:
    "What became of one update, as it was written down in the step that made it final; never changed.",
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    updateId: t.exposeID("updateId", { nullable: false }),
    referralId: t.exposeID("referralId", { nullable: false }),
    state: t.expose("state", {
      type: UpdateStateEnum,
      nullable: false,
      description: "The final state.",
    }),
    isReadable: t.boolean({
      nullable: false,
      description:
        "Whether what is sealed could be opened. If not, submittedBy, patch, ifMatch and error are null.",
      resolve: ({ content }) => content !== undefined,
    }),
    submittedBy: t.string({ resolve: ({ content }) => content?.submittedBy }),
    patch: t.field({
      type: [PatchOperationType],
      description: "What was sent, or would have been.",
      resolve: ({ content }) => (content === undefined ? null : [...content.patch]),
    }),
    ifMatch: t.string({
      description: "The ETag the caller pinned.",
      resolve: ({ content }) => content?.ifMatch,
    }),
    error: t.field({
      type: UpdateFailureType,
      description: "Set iff FAILED, and readable.",
      resolve: ({ content }) => content?.error,
    }),
    submittedAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ submittedAt }) => submittedAt,
    }),
    finishedAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ finishedAt }) => finishedAt,
    }),
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
    requestId: t.exposeString("requestId", { description: "Of its last upstream write." }),
    clientRequestId: t.exposeString("clientRequestId", {
      description: "Of the upstream call that settled it.",
    }),
    etagBefore: t.exposeString("etagBefore", {
      description: "The referral's ETag as last known before the write that settled it.",
    }),
    etag: t.exposeString("etag", { description: "The referral's ETag after it was applied." }),
  }),
});
