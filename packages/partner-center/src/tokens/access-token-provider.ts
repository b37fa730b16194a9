/** Why no access token can be had. Stable codes, safe to log and to show. */
export type TokenUnavailableReason =
  /** The fixed token was rejected by the upstream; there is nothing to renew it with. */
  | "fixedTokenRejected"
  /** The refresh token is expired, revoked or was never valid: an administrator has to consent again. */
  | "refreshTokenRejected"
  /** A person has to sign in again (MFA, conditional access, consent). */
  | "interactionRequired"
  /** The application's own credentials (id, secret, certificate) were refused. */
  | "clientRejected"
  /** The token endpoint could not be reached or is unwell; likely to pass. */
  | "tokenEndpointUnavailable"
  /** The token endpoint answered with something that is not a usable token. */
  | "invalidTokenResponse"
  /** A token issued only seconds ago was rejected as well: another one would fare no better. */
  | "freshTokenRejected";

/** Details of a {@link TokenUnavailableError}. */
export interface TokenUnavailableDetails {
  reason: TokenUnavailableReason;
  /** The OAuth error code (`invalid_grant`, `invalid_client`, …) when the endpoint gave one. */
  oauthError?: string;
  /** Entra ID's own number (`AADSTS700082` → 700082) when the endpoint gave one. */
  entraErrorCode?: number;
  /** No further request goes to the token endpoint before this much time has passed. */
  retryAfterMs?: number;
}

/**
 * Thrown when there is no usable access token, and none can be had right now. Nothing was sent upstream.
 * The whole account is affected, not one referral. Carries codes only: never a token, secret or
 * the endpoint's free text. A 401 from the API is a `PartnerCenterError` of kind `unauthorized` instead.
 */
export class TokenUnavailableError extends Error {
  override readonly name = "TokenUnavailableError";
  readonly kind = "unauthorized" as const;
  readonly wasSent = false as const;
  readonly isEffectUncertain = false as const;
  readonly reason: TokenUnavailableReason;
  readonly oauthError: string | undefined;
  readonly entraErrorCode: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(details: TokenUnavailableDetails) {
    const codes = [details.oauthError, details.entraErrorCode && `AADSTS${details.entraErrorCode}`]
      .filter(Boolean)
      .join(", ");
    super(`no access token: ${details.reason}${codes ? ` (${codes})` : ""}`);
    this.reason = details.reason;
    this.oauthError = details.oauthError;
    this.entraErrorCode = details.entraErrorCode;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** True when waiting may help without anybody doing anything. */
  get isTransient(): boolean {
    return this.reason === "tokenEndpointUnavailable";
  }
}

/** Where the client gets its bearer token from. */
export interface AccessTokenProvider {
  /**
   * A token believed to be good, from memory when possible.
   * Throws {@link TokenUnavailableError} when there is none.
   */
  getToken(options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * The upstream answered 401 to this token: get another one. Called by whoever decides to try again,
   * not by the client. Returns at once when the token was already replaced by somebody else's renewal.
   * Throws {@link TokenUnavailableError} when there is no other token.
   */
  renew(rejectedToken: string): Promise<string>;
}
