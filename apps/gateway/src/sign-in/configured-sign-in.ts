import type { GatewaySettings } from "../env.ts";
import { type SignIn, signInAsDeveloper, signInByToken } from "./sign-in.ts";
import { signingKeys } from "./signing-keys.ts";
import { tokenVerifier, type VerifyToken } from "./token-verifier.ts";

/** How callers sign in, and tokens are checked; no `verify` without sign-in. */
export interface ConfiguredSignIn {
  readonly signIn: SignIn;
  readonly verify: VerifyToken | undefined;
  /** Whether tokens can be checked: the issuer's keys are known, or were not asked for in vain yet. */
  readonly canCheck: () => boolean;
}

/** Sign-in as the settings say. The issuer's keys are asked for at once, and waited for only when a token comes. */
export function configuredSignIn(settings: GatewaySettings): ConfiguredSignIn {
  const { GATEWAY_AUTH, JWT_ISSUER = "", JWT_AUDIENCE = [], JWT_JWKS_URL = "" } = settings;
  if (GATEWAY_AUTH === "dev") {
    return { signIn: signInAsDeveloper(), verify: undefined, canCheck: () => true };
  }
  const rules = {
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
    algorithms: settings.JWT_ALGORITHMS,
    rolesClaim: settings.JWT_ROLES_CLAIM,
    roles: {
      reader: settings.JWT_ROLE_READER,
      user: settings.JWT_ROLE_USER,
      admin: settings.JWT_ROLE_ADMIN,
    },
  };
  const keys = signingKeys(JWT_JWKS_URL, Date.now);
  void keys.load().catch(() => undefined); // the first token asks again, and says what is wrong
  const verify = tokenVerifier(rules, keys.find);
  return { signIn: signInByToken(verify), verify, canCheck: keys.isAvailable };
}
