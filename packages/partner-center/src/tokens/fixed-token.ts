import { type AccessTokenProvider, TokenUnavailableError } from "./access-token-provider.ts";

/**
 * A provider of one given bearer token: for development, the simulator and short scripts.
 * `renew` always throws {@link TokenUnavailableError} (`fixedTokenRejected`): there is nothing to renew with.
 */
export function fixedToken(token: string): AccessTokenProvider {
  return {
    getToken: async () => token,
    renew: async () => {
      throw new TokenUnavailableError({ reason: "fixedTokenRejected" });
    },
  };
}
