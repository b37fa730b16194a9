import { patchFreely } from "./apply-patch.ts";
import type { JsonObject } from "./json.ts";
import type { ReferralStore, StoredReferral } from "./referral-store.ts";

/** A change somebody else makes to many referrals at once. */
export interface ManyChanges {
  /** Any JSON Patch; the vendor's rules do not apply. */
  readonly patch: readonly JsonObject[];
  /** Which ones; default all. */
  readonly ids?: readonly string[];
  /** Of those, the first of every so many; default 1. */
  readonly every?: number;
}

/** Changes them all, or none when an id is unknown or the patch does not apply: then throws Error. Returns how many. */
export function changeReferrals(store: ReferralStore, changes: ManyChanges): number {
  const { patch, ids, every = 1 } = changes;
  const all = ids === undefined ? store.inOrder() : ids.map((id) => find(store, id));
  const chosen = all.filter((_referral, index) => index % every === 0);
  const documents = chosen.map((referral) => {
    const result = patchFreely(referral.document, patch);
    if (!result.ok) throw new Error(`${referral.id}: ${result.message}`);
    return result.document;
  });
  documents.forEach((document, index) => {
    store.write(chosen[index] as StoredReferral, document);
  });
  return chosen.length;
}

function find(store: ReferralStore, id: string): StoredReferral {
  const referral = store.get(id);
  if (referral === undefined) throw new Error(`there is no referral ${id}`);
  return referral;
}
