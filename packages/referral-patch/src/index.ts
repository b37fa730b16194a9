export { applyPatch } from "./apply-patch.ts";
export {
  type BuildOptions,
  buildPatch,
  changesNeedState,
  type PatchOptions,
} from "./build-patch.ts";
export { type ChangeField, changeFields } from "./change-fields.ts";
export { decimalsEqual, decimalToString, parseDecimal } from "./decimal.ts";
export { type DiffResult, diffReferrals } from "./diff-referrals.ts";
export { type ETag, parseETag, parseReferralId, type ReferralId } from "./ids.ts";
export { type Issue, type IssueCode, issueCodes } from "./issue.ts";
export type { JsonValue } from "./json-value.ts";
export { MAX_BODY_BYTES, MAX_DEPTH, MAX_OPERATIONS, type PatchLimits } from "./limits.ts";
export { isInsert, type MergeResult, mergePatches } from "./merge-patches.ts";
export { parseReferral, parseReferralChanges } from "./parse.ts";
export type { PatchOperation, PatchResult, ReferralPatch } from "./patch.ts";
export { isPatchInEffect } from "./patch-in-effect.ts";
export { type Member, type ReferralChanges, referralChangesSchema } from "./schema/changes.ts";
export { type Referral, referralSchema } from "./schema/referral.ts";
export {
  customerSizes,
  type ProfileType,
  profileTypes,
  type Qualification,
  qualifications,
  type ReferralState,
  type ReferralStatus,
  type ReferralSubstatus,
  referralStatuses,
  referralSubstatuses,
  type SolutionType,
  solutionTypes,
  type TargetType,
  targetTypes,
} from "./schema/vocabulary.ts";
export {
  allowedTransitions,
  checkTransition,
  planTransitions,
  stateOf,
  type TransitionOptions,
  type TransitionPolicy,
  type TransitionResult,
  type TransitionTarget,
  transitionTable,
} from "./transitions.ts";
export { patchNeedsState, validatePatch } from "./validate-patch.ts";
