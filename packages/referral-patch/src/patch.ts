import type { Issue } from "./issue.ts";
import type { JsonValue } from "./json-value.ts";

/** One JSON Patch operation (RFC 6902) the vendor accepts: only `add` and `replace`. */
export type PatchOperation = { op: "add" | "replace"; path: string; value: JsonValue };

/** A JSON Patch: operations applied in order, all or nothing. */
export type ReferralPatch = readonly PatchOperation[];

/** A patch that may be sent, with what is worth telling a person; or every reason it may not. */
export type PatchResult =
  | { ok: true; patch: PatchOperation[]; warnings: Issue[] }
  | { ok: false; issues: Issue[] };

/** Whether an operation changes the referral's status or substatus. */
export const isStateOperation = ({ path }: Pick<PatchOperation, "path">): boolean =>
  path === "/status" || path === "/substatus";
