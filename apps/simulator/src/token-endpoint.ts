import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { TokenStore } from "./token-store.ts";

/** Answers `POST /{tenant}/oauth2/v2.0/token` like Entra ID, for the refresh-token grant only. */
export function answerTokenRequest(
  tenant: string,
  contentType: string | undefined,
  body: string,
  tokens: TokenStore,
): Answer {
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? "")) {
    return oauthError(400, "invalid_request", 900144, "The request body must be form data.");
  }
  const form = new URLSearchParams(body);
  const clientId = form.get("client_id") ?? "";
  if (clientId === "") {
    return oauthError(400, "invalid_request", 900144, "The parameter client_id is missing.");
  }
  if (!form.get("client_secret") && !form.get("client_assertion")) {
    return oauthError(401, "invalid_client", 7000218, "A client secret or assertion is required.");
  }
  if (form.get("grant_type") !== "refresh_token") {
    return oauthError(400, "unsupported_grant_type", 70003, "Only refresh_token is supported.");
  }
  const refreshToken = form.get("refresh_token") ?? "";
  if (!tokens.acceptsRefreshToken(refreshToken)) {
    return oauthError(400, "invalid_grant", 70008, "The refresh token has expired or is revoked.");
  }
  const issued = tokens.issue(tenant.toLowerCase(), refreshToken);
  return {
    status: 200,
    headers: { "cache-control": "no-store" },
    body: JSON.stringify({
      token_type: "Bearer",
      scope: form.get("scope") ?? "https://api.partner.microsoft.com/.default",
      expires_in: tokens.settings.accessTokenSeconds,
      ext_expires_in: tokens.settings.accessTokenSeconds,
      access_token: issued.accessToken,
      refresh_token: issued.refreshToken,
      id_token: unsignedIdToken(tenant, clientId, tokens.settings.accessTokenSeconds),
      client_info: base64Json({ uid: USER_ID, utid: tenant }),
    }),
  };
}

/** Answers `GET /{tenant}/v2.0/.well-known/openid-configuration`. */
export function answerOpenIdConfiguration(tenant: string, origin: string): Answer {
  const base = `${origin}/${tenant}`;
  return {
    status: 200,
    body: JSON.stringify({
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
      response_types_supported: ["code", "id_token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
    }),
  };
}

/** The one signed-in partner user there is. */
const USER_ID = "0d7f3c2e-6f0c-4a53-9a0e-7c1f2b8f5a11";

/** Clients of a token endpoint do not check the signature of an id token they fetched themselves. */
function unsignedIdToken(tenant: string, clientId: string, lifeSeconds: number): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = {
    aud: clientId,
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    iat: nowSeconds,
    nbf: nowSeconds,
    exp: nowSeconds + lifeSeconds,
    oid: USER_ID,
    sub: USER_ID,
    tid: tenant,
    preferred_username: "referral.admin@partner.example",
    ver: "2.0",
  };
  return `${base64Json({ alg: "none", typ: "JWT" })}.${base64Json(claims)}.`;
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function oauthError(status: number, error: string, code: number, message: string): Answer {
  return {
    status,
    headers: { "cache-control": "no-store" },
    body: JSON.stringify({
      error,
      error_description: `AADSTS${code}: ${message}`,
      error_codes: [code],
      timestamp: new Date().toISOString().slice(0, 19).replace("T", " ").concat("Z"),
      trace_id: randomUUID(),
      correlation_id: randomUUID(),
    }),
  };
}
