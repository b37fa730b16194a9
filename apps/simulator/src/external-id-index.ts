import type { StoredReferral } from "./referral-store.ts";

/** Finds referrals by `externalReferenceId`, which several may share. */
export interface ExternalIdIndex {
  /** Notes a referral's id as it is now. */
  add(referral: StoredReferral): void;
  /** Forgets it; to be called while the referral still has that id. */
  remove(referral: StoredReferral): void;
  /** In no particular order. */
  find(externalId: string): readonly StoredReferral[];
}

export function createExternalIdIndex(): ExternalIdIndex {
  const byId = new Map<string, readonly StoredReferral[]>();
  return {
    add(referral) {
      const id = referral.document.externalReferenceId;
      if (typeof id === "string") byId.set(id, [...(byId.get(id) ?? []), referral]);
    },
    remove(referral) {
      const id = referral.document.externalReferenceId;
      if (typeof id !== "string") return;
      const others = (byId.get(id) ?? []).filter((other) => other !== referral);
      if (others.length > 0) byId.set(id, others);
      else byId.delete(id);
    },
    find: (externalId) => byId.get(externalId) ?? [],
  };
}
