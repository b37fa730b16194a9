export type { ResultsRequest } from "./bulk-results.ts";
export type { BulkUpload, BulkUploadResult, UploadPlace } from "./bulk-upload.ts";
export type { ResultsFormat } from "./endpoints.ts";
export {
  GatewayError,
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayUnreachableError,
  type GraphqlProblem,
  isPassing,
} from "./errors.ts";
export { isBulkUpdateOver, isUpdateFinal } from "./final-states.ts";
export {
  type BulkUpdateActionResult,
  type BulkUpdatePage,
  type BulkUpdateReferralsResult,
  type CancelReferralUpdateResult,
  createGatewayClient,
  type GatewayClient,
  type GatewayClientOptions,
  type ItemPage,
  type QueueStatus,
  type UpdateReferralResult,
} from "./gateway-client.ts";
export type {
  BulkItemInput,
  BulkUpdateFieldsFragment as BulkUpdate,
  BulkUpdateReferralsInput,
  BulkUpdateState,
  FailureCode,
  MemberInput,
  PatchOperationInput,
  ReferralChangesInput,
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
export type { WatchOptions } from "./subscribe.ts";
export type { UploadBody } from "./upload-rows.ts";
