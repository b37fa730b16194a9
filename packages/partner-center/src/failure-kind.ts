/**
 * What a failed call means for the caller, independent of which status or socket error said so.
 *
 * - `throttled`: wait (`retryAfterMs` if known) and send again; nothing was done.
 * - `transient`: the upstream or the way to it is unwell; back off and try again.
 * - `unknownOutcome`: a write may or may not have taken effect; read before sending again.
 * - `unauthorized`: the token was not accepted; see {@link AccessTokenProvider.renew}.
 * - `conflict`: the ETag in `If-Match` is no longer current.
 * - `rejected`: this request is refused and will be refused again.
 * - `forbidden`: the signed-in user may not do this to this referral.
 * - `gone`: there is no such referral.
 * - `protocol`: the answer is not one this API gives (a redirect, a page that is not JSON, a foreign next link).
 */
export type FailureKind =
  | "throttled"
  | "transient"
  | "unknownOutcome"
  | "unauthorized"
  | "conflict"
  | "rejected"
  | "forbidden"
  | "gone"
  | "protocol";

/** The HTTP methods this client uses. */
export type HttpMethod = "GET" | "PATCH";
