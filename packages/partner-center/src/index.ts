export type { CallOptions, CallTrace } from "./call.ts";
export type {
  CallObserver,
  CallOperation,
  ObservedCall,
  ObservedEnd,
} from "./call-observer.ts";
export { classifyFailure, type FailureFacts } from "./classify-failure.ts";
export type {
  ListQuery,
  PartnerCenterClient,
  PartnerCenterClientOptions,
  PatchAnswer,
  PatchInput,
  ReferralPage,
  ReferralRead,
} from "./client.ts";
export { createPartnerCenterClient } from "./create-client.ts";
export {
  CallAbortedError,
  InvalidReferralIdError,
  PartnerCenterError,
  type PartnerCenterErrorDetails,
} from "./errors.ts";
export type { FailureKind, HttpMethod } from "./failure-kind.ts";
export {
  type CallPriority,
  immediatePermit,
  type RateBudget,
  type Refusal,
  type SendPermit,
  unlimitedBudget,
} from "./rate-budget.ts";
export { retryAfter } from "./retry-after.ts";
export {
  type AccessTokenProvider,
  type TokenUnavailableDetails,
  TokenUnavailableError,
  type TokenUnavailableReason,
} from "./tokens/access-token-provider.ts";
export { fixedToken } from "./tokens/fixed-token.ts";
export type { ClientCertificate } from "./tokens/redeem-refresh-token.ts";
export {
  type RefreshTokenProviderOptions,
  type RefreshTokenStore,
  refreshTokenProvider,
} from "./tokens/refresh-token.ts";
export { untilAborted } from "./until-aborted.ts";
