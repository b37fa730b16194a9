export type { ResultsRequest } from "./bulk-results.ts";
export type { BulkUpload, BulkUploadResult, UploadPlace } from "./bulk-upload.ts";
export type { ResultsFormat } from "./endpoints.ts";
export {
  GatewayError,
  GatewayForbiddenError,
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayRateLimitedError,
  GatewayUnauthenticatedError,
  GatewayUnreachableError,
  type GraphqlProblem,
  isPassing,
} from "./errors.ts";
export { isBulkUpdateOver, isUpdateFinal } from "./final-states.ts";
export {
  type AuditPage,
  type BulkUpdateActionResult,
  type BulkUpdatePage,
  type BulkUpdateReferralsResult,
  type CancelReferralUpdateResult,
  createGatewayClient,
  type GatewayClient,
  type GatewayClientOptions,
  type ItemsRequest,
  type QueueStatus,
  type ReferralPage,
  type ReferralsRequest,
  type UpdatePage,
  type UpdateReferralResult,
  type WholeReferral,
} from "./gateway-client.ts";
export type {
  AuditEntryFieldsFragment as AuditEntry,
  BulkItemInput,
  BulkUpdateFieldsFragment as BulkUpdate,
  BulkUpdateReferralsInput,
  BulkUpdateState,
  FailureCode,
  MemberInput,
  PatchOperationInput,
  ReferralChangesInput,
  ReferralFieldsFragment as Referral,
  ReferralStatus,
  ReferralSubstatus,
  ReferralUpdateFieldsFragment as ReferralUpdate,
  UpdateReferralInput,
  UpdateState,
} from "./generated/operations.ts";
export {
  bulkUpdateStateValues,
  changeFields,
  referralStatusValues,
  referralSubstatusValues,
  updateStateValues,
} from "./generated/vocabulary.ts";
export type { CallOptions, EachOptions, Page, PageRequest } from "./page.ts";
export type { WatchOptions } from "./subscribe.ts";
export type { TokenSource } from "./transport.ts";
export type { UploadBody } from "./upload-rows.ts";
