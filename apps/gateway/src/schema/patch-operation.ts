import type { PatchOperation } from "@patchlane/referral-patch";
import { builder } from "./builder.ts";

export const PatchOpEnum = builder.enumType("PatchOp", {
  description: "The only operations the upstream supports.",
  values: ["add", "replace"] as const,
});

export const PatchOperationType = builder.objectRef<PatchOperation>("PatchOperation").implement({
  description: "One JSON Patch operation (RFC 6902).",
  fields: (t) => ({
    op: t.expose("op", { type: PatchOpEnum, nullable: false }),
    path: t.exposeString("path", { nullable: false, description: "JSON Pointer." }),
    value: t.field({ type: "JSON", resolve: ({ value }) => value }),
  }),
});

export const PatchOperationInput = builder.inputType("PatchOperationInput", {
  fields: (t) => ({
    op: t.field({ type: PatchOpEnum, required: true }),
    path: t.string({ required: true }),
    value: t.field({ type: "JSON" }),
  }),
});
