import { parseReferralId, type Referral } from "@patchlane/referral-patch";
import { readAnswer } from "@patchlane/referral-patch/answer";
import { InvalidReferralIdError } from "./errors.ts";
import type { HttpMethod } from "./failure-kind.ts";
import { parseJson } from "./parse-json.ts";

/** Path below the base URL of one referral. Throws {@link InvalidReferralIdError}; see there. */
export function referralPath(method: HttpMethod, id: unknown): string {
  const parsed = parseReferralId(id);
  if (!parsed.ok) throw new InvalidReferralIdError(method);
  return `/engagements/referrals/${parsed.id}`;
}

/** The referral in an answer, if the answer is one and is about the referral that was asked for. */
export function readReferral(id: string, text: string | undefined): Referral | undefined {
  const parsed = readAnswer(text === undefined ? undefined : parseJson(text));
  if (!parsed.ok) return undefined;
  // Ids are GUIDs, whose case means nothing.
  return parsed.referral.id.toLowerCase() === id.toLowerCase() ? parsed.referral : undefined;
}
