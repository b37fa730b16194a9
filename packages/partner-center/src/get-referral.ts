import type { CallOptions } from "./call.ts";
import type { ReferralRead } from "./client.ts";
import { unusableAnswer } from "./failure-of.ts";
import { etagOf } from "./headers.ts";
import { readReferral, referralPath } from "./read-referral.ts";
import { type Connection, send } from "./send.ts";

/** `GET /engagements/referrals/{id}`. Source: "Get a referral by ID". */
export async function getReferral(
  connection: Connection,
  maxResponseBytes: number,
  id: string,
  options?: CallOptions,
): Promise<ReferralRead> {
  const path = referralPath("GET", id);
  const answer = await send(
    connection,
    { operation: "get", method: "GET", path, maxResponseBytes },
    options,
  );
  const referral = readReferral(id, answer.text);
  if (referral === undefined) {
    const fault = answer.fault ?? { code: "MALFORMED_REFERRAL", cause: undefined };
    throw unusableAnswer(answer.call, answer.call.status, fault);
  }
  return { referral, etag: etagOf(answer.headers, referral), call: answer.call };
}
