import { createHash } from "node:crypto";
import type { PatchOperation } from "@patchlane/referral-patch";
import type { Attempt } from "@patchlane/update-queue";

/** What a write that is sent again is known by: its request id, and what it said. */
export function resendOf({ requestId, patch }: Attempt): string {
  return `${requestId} ${digestOf(patch)}`;
}

/** The request id of the lost write, for the same body only; an upstream that honours it answers any other from memory. */
export function requestIdFor(
  resendAs: string | undefined,
  patch: readonly PatchOperation[],
): string | undefined {
  if (resendAs === undefined) {
    return undefined;
  }
  const [requestId, digest] = resendAs.split(" ");
  return digest === digestOf(patch) ? requestId : undefined;
}

function digestOf(patch: readonly PatchOperation[]): string {
  return createHash("sha256").update(JSON.stringify(patch)).digest("base64url").slice(0, 22);
}
