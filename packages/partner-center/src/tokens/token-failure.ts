import { type TokenUnavailableDetails, TokenUnavailableError } from "./access-token-provider.ts";
import type { TokenEndpointAnswer } from "./token-endpoint.ts";

/** OAuth error codes by what they mean for us. Sources: RFC 6749 5.2, OpenID Connect Core 3.1.2.6. */
const reasonByOauthError: Readonly<Record<string, TokenUnavailableDetails["reason"]>> = {
  invalid_grant: "refreshTokenRejected",
  interaction_required: "interactionRequired",
  login_required: "interactionRequired",
  consent_required: "interactionRequired",
  invalid_client: "clientRejected",
  unauthorized_client: "clientRejected",
  invalid_request: "clientRejected",
  invalid_scope: "clientRejected",
  invalid_resource: "clientRejected",
  temporarily_unavailable: "tokenEndpointUnavailable",
  server_error: "tokenEndpointUnavailable",
};

/** `invalid_grant` with one of these: the token is alive, a person has to act. Source: Entra's suberror list. */
const interactionSuberrors: ReadonlySet<string> = new Set([
  "basic_action",
  "additional_action",
  "message_only",
  "consent_required",
  "user_password_expired",
  "protection_policy_required",
]);

const identifier = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Why a token request failed, from what the endpoint answered (`undefined`: nothing). Only codes are kept: the
 * endpoint's free text can name people, and MSAL's errors can quote the request.
 */
export function tokenFailure(answer: TokenEndpointAnswer | undefined): TokenUnavailableError {
  if (answer === undefined)
    return new TokenUnavailableError({ reason: "tokenEndpointUnavailable" });
  const { status, body, retryAfterMs } = answer;
  const oauthError =
    typeof body.error === "string" && identifier.test(body.error) ? body.error : undefined;
  const codes: unknown = body.error_codes;
  const firstCode: unknown = Array.isArray(codes) ? codes[0] : undefined;
  return new TokenUnavailableError({
    reason: reasonOf(status, oauthError, body.suberror),
    oauthError,
    entraErrorCode: Number.isSafeInteger(firstCode) ? Number(firstCode) : undefined,
    retryAfterMs,
  });
}

function reasonOf(
  status: number,
  oauthError: string | undefined,
  suberror: unknown,
): TokenUnavailableDetails["reason"] {
  if (status === 408 || status === 429 || status >= 500) return "tokenEndpointUnavailable";
  if (oauthError === "invalid_grant" && interactionSuberrors.has(String(suberror))) {
    return "interactionRequired";
  }
  const known = oauthError !== undefined && Object.hasOwn(reasonByOauthError, oauthError);
  return (known ? reasonByOauthError[oauthError] : undefined) ?? "invalidTokenResponse";
}
