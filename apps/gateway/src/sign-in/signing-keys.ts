import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";

/** ms after which keys are looked up again in the background. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** ms keys are trusted while the issuer cannot be asked: its outage must not become ours, a withdrawn key not live for ever. */
const TRUST_FOR_MS = 24 * 60 * 60_000;
/** Least ms between two look-ups for keys nobody knows yet: a rotation is seen at once, made-up key ids cost the issuer little. */
const LOOK_AGAIN_MS = 2_000;
/** ms the issuer has to answer. */
const ANSWER_IN_MS = 3_000;

/** The keys tokens are checked with. */
export interface SigningKeys {
  readonly find: JWTVerifyGetKey;
  /** Looks them up, so that they are there when the first token comes. */
  load(): Promise<void>;
  /** Whether there are some, as far as that is known; false only after they were asked for in vain, and then asks again now and then. */
  isAvailable(): boolean;
}

/**
 * The issuer's public keys (JWKS), looked up when they are needed first, when a token names an unknown one, and now and then.
 * `now` in Unix ms. Rejects with what `fetch` says when there are none to be had.
 */
export function signingKeys(url: string, now: () => number): SigningKeys {
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Number.POSITIVE_INFINITY, // ageing is decided below
    cooldownDuration: LOOK_AGAIN_MS,
    timeoutDuration: ANSWER_IN_MS,
  });
  let loadedAt: number | undefined;
  let refreshing: Promise<void> | undefined;
  let hasFailed = false;
  const isUsable = (): boolean => loadedAt !== undefined && now() - loadedAt <= TRUST_FOR_MS;
  const refresh = (): Promise<void> => {
    refreshing ??= remote
      .reload()
      .then(
        () => {
          loadedAt = now();
          hasFailed = false;
        },
        (error: unknown) => {
          hasFailed = true;
          throw error;
        },
      )
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };
  let triedAt = 0;
  const refreshInBackground = (): void => {
    if (now() - triedAt > LOOK_AGAIN_MS) {
      triedAt = now();
      void refresh().catch(() => undefined);
    }
  };
  const find: JWTVerifyGetKey = async (header, token) => {
    const age = loadedAt === undefined ? Number.POSITIVE_INFINITY : now() - loadedAt;
    if (!isUsable()) {
      await refresh();
    } else if (age > REFRESH_AFTER_MS) {
      refreshInBackground(); // the keys at hand will do
    }
    return remote(header, token);
  };
  const isAvailable = (): boolean => {
    const isMissing = !isUsable() && hasFailed;
    if (isMissing) {
      refreshInBackground(); // while that is known, nobody sends a token that would ask for them
    }
    return !isMissing;
  };
  return { find, load: refresh, isAvailable };
}
