import { randomUUID } from "node:crypto";

/** What the token endpoint and the bearer check do; changed through the control side. */
export interface TokenSettings {
  /** Life of an access token given out, in seconds; default 3600. */
  readonly accessTokenSeconds: number;
  /** Refuse every refresh token with `invalid_grant`. */
  readonly rejectRefreshTokens: boolean;
  /** Refuse every access token with 401, the fixed one included. */
  readonly rejectAccessTokens: boolean;
  /** Give out a new refresh token with each access token, as Entra does; default true. */
  readonly rotateRefreshTokens: boolean;
  /** A refresh token works only once; default false, as at Entra. */
  readonly revokeUsedRefreshTokens: boolean;
}

/** What `PUT /_simulator/tokens` may say: settings, and acts done at once. */
export interface TokenChange extends Partial<TokenSettings> {
  /** Make every access token given out so far expire now (the fixed one stays). */
  readonly expireAccessTokens?: boolean;
  /** Forget all refresh tokens and accept only this one. */
  readonly refreshToken?: string;
}

/** Tokens given out and accepted. */
export interface TokenStore {
  readonly settings: TokenSettings;
  change(change: TokenChange): void;
  /** The account a bearer token belongs to, or `undefined` when it is not (or no longer) good. */
  accountOf(token: string): string | undefined;
  acceptsRefreshToken(token: string): boolean;
  /** Redeems a refresh token that is accepted. */
  issue(account: string, refreshToken: string): { accessToken: string; refreshToken: string };
}

/** Account of the fixed token. */
export const DEFAULT_ACCOUNT = "default";

const DEFAULT_SETTINGS = {
  rejectRefreshTokens: false,
  rejectAccessTokens: false,
  rotateRefreshTokens: true,
  revokeUsedRefreshTokens: false,
} as const;

/** A store that accepts `fixedToken` for ever and starts with one refresh token. */
export function createTokenStore(options: {
  readonly fixedToken: string;
  readonly refreshToken: string;
  readonly accessTokenSeconds: number;
  readonly nowMs: () => number;
}): TokenStore {
  let settings: TokenSettings = {
    ...DEFAULT_SETTINGS,
    accessTokenSeconds: options.accessTokenSeconds,
  };
  const issued = new Map<string, { account: string; expiresAtMs: number }>();
  const refreshTokens = new Set([options.refreshToken]);

  return {
    get settings() {
      return settings;
    },
    change({ expireAccessTokens, refreshToken, ...changes }) {
      settings = { ...settings, ...changes };
      if (expireAccessTokens) issued.clear();
      if (refreshToken !== undefined) {
        refreshTokens.clear();
        refreshTokens.add(refreshToken);
      }
    },
    accountOf(token) {
      if (settings.rejectAccessTokens) return undefined;
      if (token === options.fixedToken) return DEFAULT_ACCOUNT;
      const found = issued.get(token);
      if (found === undefined) return undefined;
      if (options.nowMs() < found.expiresAtMs) return found.account;
      issued.delete(token);
      return undefined;
    },
    acceptsRefreshToken: (token) => !settings.rejectRefreshTokens && refreshTokens.has(token),
    issue(account, refreshToken) {
      const accessToken = `simulated-access-${randomUUID()}`;
      issued.set(accessToken, {
        account,
        expiresAtMs: options.nowMs() + settings.accessTokenSeconds * 1000,
      });
      if (settings.revokeUsedRefreshTokens) refreshTokens.delete(refreshToken);
      if (!settings.rotateRefreshTokens) {
        refreshTokens.add(refreshToken);
        return { accessToken, refreshToken };
      }
      const next = `simulated-refresh-${randomUUID()}`;
      refreshTokens.add(next);
      return { accessToken, refreshToken: next };
    },
  };
}
