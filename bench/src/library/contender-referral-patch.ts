import {
  applyPatch,
  buildPatch,
  diffReferrals,
  mergePatches,
  type PatchResult,
  type ReferralPatch,
  validatePatch,
} from "@patchlane/referral-patch";
import type { Contender } from "./contender.ts";

function operationsOf(built: PatchResult): ReferralPatch {
  if (!built.ok) throw new Error(built.issues[0]?.message);
  return built.patch;
}

/** Ours. An issue where none is expected is a bug of the benchmark. */
export const referralPatch: Contender = {
  name: "referral-patch",
  diff: (before, after) => diffReferrals(before, after).patch,
  apply(referral, patch) {
    const applied = applyPatch(referral, patch as ReferralPatch);
    if (!applied.ok) throw new Error(applied.issues[0]?.message);
    return applied.referral;
  },
  isValid: (patch) => validatePatch(patch).ok,
  isValidFor: (patch, current) => validatePatch(patch, { current }).ok,
  build: (changes, current) => operationsOf(buildPatch(changes, { current })),
  buildChecked: (changes, current) =>
    operationsOf(buildPatch(changes, { current, isParsed: true })),
  merge(a, b) {
    const merged = mergePatches(a as ReferralPatch, b as ReferralPatch);
    if (!merged.ok) throw new Error(merged.reason.message);
    return merged.patch;
  },
};
