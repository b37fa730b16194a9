import { untilAborted } from "../until-aborted.ts";
import { type AccessTokenProvider, TokenUnavailableError } from "./access-token-provider.ts";
import {
  type ClientCertificate,
  type RedeemedTokens,
  type RedeemRefreshToken,
  refreshTokenRedeemer,
} from "./redeem-refresh-token.ts";

/**
 * Where the newest refresh token is kept between processes and restarts. Both may reject; see the provider.
 * A stored token is preferred to the configured one, so an implementation that files tokens under the configured
 * one (its hash) lets a new consent take over at once.
 */
export interface RefreshTokenStore {
  /** The newest refresh token, or `undefined` when none was ever saved. */
  load(): Promise<string | undefined>;
  /** Keeps a refresh token the endpoint handed out in place of the one before. */
  save(refreshToken: string): Promise<void>;
}

/** Settings of {@link refreshTokenProvider}. */
export interface RefreshTokenProviderOptions {
  tenantId: string;
  clientId: string;
  /** Either this or `clientCertificate`. */
  clientSecret?: string;
  clientCertificate?: ClientCertificate;
  /** The refresh token from the administrator's consent. One in `store` is newer and tried first. */
  refreshToken: string;
  store?: RefreshTokenStore;
  /** Default `https://login.microsoftonline.com`. `http:` only for a loopback host. */
  authority?: string;
  /** What the token is for. Default `https://api.partner.microsoft.com`. */
  resource?: string;
  /** Wall clock in milliseconds. Default `Date.now`. */
  now?: () => number;
}

/** A token is replaced when this little of its life is left (at most half of it), in milliseconds. */
const RENEWAL_MARGIN_MS = 300_000;
/** After a failure, and for a token that was just issued, the endpoint is left alone for this long. */
const COOL_DOWN_MS = 5_000;

/** An access token and its times on the wall clock, in milliseconds. */
interface HeldToken {
  value: string;
  issuedAt: number;
  renewAt: number;
  expiresAt: number;
}

/**
 * Access tokens by refresh token: the vendor's Secure Application Model, through MSAL's confidential client.
 *
 * - `getToken` answers from memory. In the last five minutes of a token's life it starts a renewal and still
 *   answers with the old token, so nobody waits and a sick token endpoint is noticed by nobody before the expiry.
 * - All callers share one renewal. After a failed one the endpoint is left alone for five seconds (or its
 *   `Retry-After`); meanwhile callers get the same {@link TokenUnavailableError} at once.
 * - A token that `renew` reports as rejected is not given out again. One issued less than five seconds ago is
 *   not replaced (`freshTokenRejected`): something other than the token is wrong.
 * - A rotated refresh token is saved in `store`. The store failing does not cost the access token: the newest
 *   refresh token is kept in memory and saved again at the next renewal. When the stored token is refused, the
 *   configured one is tried: an administrator who consented again has just put it there.
 *
 * Throws a TypeError when the settings cannot work. Makes no request before the first `getToken`.
 */
export function refreshTokenProvider(options: RefreshTokenProviderOptions): AccessTokenProvider {
  // Only differences count: by the wall clock, a step back would keep a refused token fresh, or a cool-down on.
  const { store, now = () => performance.now() } = options;
  const redeem = refreshTokenRedeemer({
    ...options,
    authority: options.authority ?? "https://login.microsoftonline.com",
    resource: options.resource ?? "https://api.partner.microsoft.com",
    now: options.now ?? Date.now,
  });
  let held: HeldToken | undefined;
  let renewal: Promise<string> | undefined;
  let failure: { error: TokenUnavailableError; until: number } | undefined;
  let newestRefreshToken: string | undefined;
  let isSaved = true;

  function renewShared(): Promise<string> {
    renewal ??= renewNow().finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  async function renewNow(): Promise<string> {
    const coolDownMs = failure === undefined ? 0 : failure.until - now();
    if (failure !== undefined && coolDownMs > 0) throw coolingDown(failure.error, coolDownMs);
    try {
      const redeemed = await redeemNewest();
      held = hold(redeemed, now());
      failure = undefined;
      return held.value;
    } catch (error) {
      const unavailable =
        error instanceof TokenUnavailableError
          ? error
          : new TokenUnavailableError({ reason: "invalidTokenResponse" });
      const waitMs = Math.max(unavailable.retryAfterMs ?? 0, COOL_DOWN_MS);
      failure = { error: unavailable, until: now() + waitMs };
      throw coolingDown(unavailable, waitMs);
    }
  }

  async function redeemNewest(): Promise<RedeemedTokens> {
    // What could not be saved yet is newer than what the store has.
    const stored = isSaved ? await loadQuietly(store) : undefined;
    const candidates = [stored ?? newestRefreshToken, options.refreshToken];
    const used = await redeemFirst(redeem, candidates);
    newestRefreshToken = used.refreshToken;
    // Unrotated, the configured token needs no place in the store: the settings have it.
    const isKnown = stored === undefined && used.refreshToken === options.refreshToken;
    isSaved =
      isKnown || used.refreshToken === stored || (await saveQuietly(store, used.refreshToken));
    return used.redeemed;
  }

  return {
    async getToken({ signal } = {}) {
      signal?.throwIfAborted();
      if (held !== undefined && now() < held.renewAt) return held.value;
      const renewing = renewShared();
      if (held !== undefined && now() < held.expiresAt) {
        renewing.catch(() => {}); // reported by the call that finds the token expired
        return held.value;
      }
      return untilAborted(renewing, signal);
    },
    async renew(rejectedToken) {
      if (held === undefined || held.value !== rejectedToken) {
        return held !== undefined && now() < held.expiresAt ? held.value : renewShared();
      }
      const freshForMs =
        held.issuedAt + Math.min(COOL_DOWN_MS, held.renewAt - held.issuedAt) - now();
      if (freshForMs > 0) {
        throw new TokenUnavailableError({ reason: "freshTokenRejected", retryAfterMs: freshForMs });
      }
      held = undefined; // nobody shall be given a token that is known to be rejected
      return renewShared();
    },
  };
}

function hold({ accessToken, lifetimeMs }: RedeemedTokens, issuedAt: number): HeldToken {
  const expiresAt = issuedAt + lifetimeMs;
  const renewAt = expiresAt - Math.min(RENEWAL_MARGIN_MS, lifetimeMs / 2);
  return { value: accessToken, issuedAt, renewAt, expiresAt };
}

/** Tries refresh tokens until one is not refused; answers which one is to be used next. */
async function redeemFirst(
  redeem: RedeemRefreshToken,
  candidates: readonly (string | undefined)[],
): Promise<{ redeemed: RedeemedTokens; refreshToken: string }> {
  const distinct = [...new Set(candidates)].filter((token) => token !== undefined && token !== "");
  let refusal = new TokenUnavailableError({ reason: "refreshTokenRejected" });
  for (const candidate of distinct as string[]) {
    try {
      const redeemed = await redeem(candidate);
      return { redeemed, refreshToken: redeemed.rotatedRefreshToken ?? candidate };
    } catch (error) {
      const isRefused =
        error instanceof TokenUnavailableError &&
        (error.reason === "refreshTokenRejected" || error.reason === "interactionRequired");
      if (!isRefused) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function loadQuietly(store: RefreshTokenStore | undefined): Promise<string | undefined> {
  try {
    return (await store?.load()) || undefined;
  } catch {
    return undefined; // the configured token, or the one in memory, may still do
  }
}

async function saveQuietly(
  store: RefreshTokenStore | undefined,
  refreshToken: string,
): Promise<boolean> {
  try {
    await store?.save(refreshToken);
    return true;
  } catch {
    return false;
  }
}

function coolingDown(error: TokenUnavailableError, retryAfterMs: number): TokenUnavailableError {
  return new TokenUnavailableError({
    reason: error.reason,
    oauthError: error.oauthError,
    entraErrorCode: error.entraErrorCode,
    retryAfterMs,
  });
}
