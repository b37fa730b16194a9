import type { GatewaySettings } from "../env.ts";
import { type SignIn, signInAsDeveloper, signInByToken } from "./sign-in.ts";
import { signingKeys } from "./signing-keys.ts";
import { tokenVerifier, type VerifyToken } from "./token-verifier.ts";

/** How callers sign in, and tokens are checked; no `verify` without sign-in. */
export interface ConfiguredSignIn {
  readonly signIn: SignIn;
  readonly verify: VerifyToken | undefined;
}

/** Sign-in as the settings say. Asks nobody for keys yet. */
export function configuredSignIn(settings: GatewaySettings): ConfiguredSignIn {
  const { GATEWAY_AUTH, JWT_ISSUER = "", JWT_AUDIENCE = [], JWT_JWKS_URL = "" } = settings;
  if (GATEWAY_AUTH === "dev") {
    return { signIn: signInAsDeveloper(), verify: undefined };
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
  const verify = tokenVerifier(rules, signingKeys(JWT_JWKS_URL, Date.now));
  return { signIn: signInByToken(verify), verify };
}
