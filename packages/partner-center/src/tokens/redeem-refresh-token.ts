import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { ConfidentialClientApplication, type NodeAuthOptions } from "@azure/msal-node";
import { parseSecretBearingUrl } from "../base-url.ts";
import { isHeaderSafe } from "../headers.ts";
import { TokenUnavailableError } from "./access-token-provider.ts";
import { tokenEndpointNetwork } from "./token-endpoint.ts";
import { tokenFailure } from "./token-failure.ts";

/** A certificate the application proves itself with, instead of a secret. */
export interface ClientCertificate {
  /** PEM text of the private key. */
  privateKey: string;
  /** PEM text of the certificate (chain); also sent along, for subject-name authentication. */
  x5c?: string;
  /** Hex SHA-256 thumbprint of the certificate. Default: computed from `x5c`. */
  thumbprint?: string;
}

/** The application and where it gets its tokens. */
export interface TokenApplication {
  tenantId: string;
  clientId: string;
  clientSecret?: string;
  clientCertificate?: ClientCertificate;
  authority: string;
  resource: string;
  now: () => number;
}

/** What one refresh token was exchanged for. */
export interface RedeemedTokens {
  accessToken: string;
  /** Milliseconds the access token is good for, counted from the answer. */
  lifetimeMs: number;
  /** The refresh token to use next, when the endpoint handed out another. */
  rotatedRefreshToken: string | undefined;
}

/** Exchanges one refresh token. Throws {@link TokenUnavailableError}. */
export type RedeemRefreshToken = (refreshToken: string) => Promise<RedeemedTokens>;

/** A token whose endpoint names no lifetime is taken to be good for this long. */
const DEFAULT_LIFETIME_MS = 600_000;

/**
 * The refresh-token grant through MSAL. Throws a TypeError at once when the settings cannot work.
 *
 * A fresh MSAL application per exchange keeps nothing in memory: the cache that matters is the provider's.
 */
export function refreshTokenRedeemer(application: TokenApplication): RedeemRefreshToken {
  const { tenantId, clientId, resource, now } = application;
  const authority = parseSecretBearingUrl("authority", application.authority);
  if (!/^[\w.-]+$/.test(tenantId)) throw new TypeError("tenantId is not a tenant's id or domain");
  const tenantUrl = `https://${authority.host}/${tenantId}`;
  const auth: NodeAuthOptions = {
    clientId,
    authority: tenantUrl,
    // Known beforehand, so that no discovery request is made and no other host is ever asked.
    knownAuthorities: [authority.host],
    authorityMetadata: JSON.stringify({
      issuer: `${tenantUrl}/v2.0`,
      authorization_endpoint: `${tenantUrl}/oauth2/v2.0/authorize`,
      token_endpoint: `${tenantUrl}/oauth2/v2.0/token`,
      jwks_uri: `${tenantUrl}/discovery/v2.0/keys`,
    }),
    ...credential(application),
  };
  return async (refreshToken) => {
    const network = tokenEndpointNetwork(authority.origin, now);
    try {
      const app = new ConfidentialClientApplication({
        auth,
        system: {
          networkClient: network,
          disableInternalRetries: true,
          loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
        },
      });
      await app.acquireTokenByRefreshToken({ scopes: [`${resource}/.default`], refreshToken });
    } catch {
      // Nothing was asked: the assertion could not be made from our own credentials.
      if (!network.wasAsked) throw new TokenUnavailableError({ reason: "clientRejected" });
      if (network.lastAnswer?.status !== 200) throw tokenFailure(network.lastAnswer);
      throw new TokenUnavailableError({ reason: "invalidTokenResponse" });
    }
    // MSAL lets an error status pass when the body does not name an error.
    if (network.lastAnswer?.status !== 200) throw tokenFailure(network.lastAnswer);
    return readTokens(network.lastAnswer.body);
  };
}

function readTokens(body: Record<string, unknown>): RedeemedTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = body;
  if (typeof accessToken !== "string" || !isHeaderSafe(accessToken)) {
    throw new TokenUnavailableError({ reason: "invalidTokenResponse" });
  }
  const lifetimeMs = Number(expiresIn) * 1000;
  return {
    accessToken,
    lifetimeMs: lifetimeMs > 0 ? lifetimeMs : DEFAULT_LIFETIME_MS,
    rotatedRefreshToken:
      typeof refreshToken === "string" && refreshToken !== "" ? refreshToken : undefined,
  };
}

function credential({
  clientSecret,
  clientCertificate,
}: TokenApplication): Partial<NodeAuthOptions> {
  if ((clientSecret === undefined) === (clientCertificate === undefined)) {
    throw new TypeError("give either clientSecret or clientCertificate");
  }
  if (clientCertificate === undefined) return { clientSecret };
  const { privateKey, x5c, thumbprint } = clientCertificate;
  try {
    createPrivateKey(privateKey);
  } catch {
    throw new TypeError("clientCertificate.privateKey is not a PEM private key");
  }
  const thumbprintSha256 = thumbprint ?? (x5c === undefined ? undefined : thumbprintOf(x5c));
  if (thumbprintSha256 === undefined) {
    throw new TypeError("clientCertificate needs x5c or thumbprint");
  }
  return { clientCertificate: { thumbprintSha256, privateKey, x5c } };
}

function thumbprintOf(pem: string): string {
  try {
    return createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
  } catch {
    throw new TypeError("clientCertificate.x5c is not a PEM certificate");
  }
}
