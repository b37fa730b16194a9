import type { CallOptions } from "./call.ts";
import type { PatchAnswer, PatchInput } from "./client.ts";
import { etagOf } from "./headers.ts";
import { readReferral, referralPath } from "./read-referral.ts";
import { type Connection, send } from "./send.ts";
import { writeOf } from "./write-of.ts";

/**
 * `PATCH /engagements/referrals/{id}`. Source: "Update a lead or opportunity".
 *
 * A success status is the truth about the write. What cannot be read of its body (204, cut off, not JSON, too
 * large) only costs the knowledge of the new state, so it is no error.
 */
export async function patchReferral(
  connection: Connection,
  maxResponseBytes: number,
  { id, requestId, clientRequestId, ...write }: PatchInput,
  options?: CallOptions,
): Promise<PatchAnswer> {
  const path = referralPath("PATCH", id);
  const answer = await send(
    connection,
    { operation: "patch", method: "PATCH", path, ...writeOf(write), maxResponseBytes },
    { ...options, requestId, clientRequestId },
  );
  const referral = readReferral(id, answer.text);
  return { referral, etag: etagOf(answer.headers, referral), call: answer.call };
}
