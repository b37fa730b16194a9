import { type Answer, refuse } from "./answer.ts";
import { patchDocument } from "./apply-patch.ts";
import { stringifyReferral } from "./decimal.ts";
import { equalJson, type Json } from "./json.ts";
import type { ReferralStore, StoredReferral } from "./referral-store.ts";
import { formatMicros } from "./timestamps.ts";

/** An answer, and whether the referral was changed. */
export interface WriteAnswer {
  readonly answer: Answer;
  readonly isApplied: boolean;
}

/**
 * Answers `PATCH /engagements/referrals/{id}` ("Update a lead or opportunity"). A patch that
 * leaves the referral as it was is accepted and keeps the ETag.
 */
export function patchReferral(
  store: ReferralStore,
  referral: StoredReferral,
  patch: Json,
  headers: { readonly ifMatch: string | null; readonly prefer: string | null },
): WriteAnswer {
  if (headers.ifMatch !== null && !matches(headers.ifMatch, referral.etag)) {
    return {
      isApplied: false,
      answer: refuse(412, "The referral was changed; its ETag does not match.", {
        target: "If-Match",
      }),
    };
  }
  const result = patchDocument(referral.document, patch);
  if (!result.ok) {
    return {
      isApplied: false,
      answer: refuse(400, result.message, result.target ? { target: result.target } : {}),
    };
  }
  const before = referral.document;
  if (!equalJson(before, result.document)) {
    const { document } = result;
    store.write(referral, document);
    if (before.status !== "Active" && document.status === "Active") {
      document.acceptedDateTime = formatMicros(referral.updatedMicros);
    }
  }
  const wantsBody = /\breturn=representation\b/i.test(headers.prefer ?? "");
  return {
    isApplied: true,
    answer: wantsBody
      ? {
          status: 200,
          body: stringifyReferral(referral.document),
          etag: referral.etag,
          headers: { "preference-applied": "return=representation" },
        }
      : { status: 204, etag: referral.etag },
  };
}

function matches(ifMatch: string, etag: string): boolean {
  if (ifMatch === etag || ifMatch.trim() === "*") return true;
  return ifMatch.split(",").some((candidate) => candidate.trim() === etag);
}
