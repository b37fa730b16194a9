import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type Caller, ROLES, type Role } from "./caller.ts";
import { SignInProblem } from "./sign-in-problem.ts";

/** Seconds the clocks of issuer and gateway may differ. */
const CLOCK_SKEW_S = 30;
const LONGEST_SUBJECT = 255;

/** What a token must be like; see docs/settings.md. */
export interface TokenRules {
  readonly issuer: string;
  /** Any of them. */
  readonly audience: readonly string[];
  readonly algorithms: readonly string[];
  /** A claim, or the way to one with dots (`realm_access.roles`). */
  readonly rolesClaim: string;
  /** The claim's values that give a role. */
  readonly roles: Readonly<Record<Role, readonly string[]>>;
}

/** Answers whose token it is. Throws {@link SignInProblem}. */
export type VerifyToken = (token: string) => Promise<Caller>;

/** Checks signature, algorithm, issuer, audience, times, subject and roles of JSON Web Tokens (RFC 7519, RFC 8725). */
export function tokenVerifier(rules: TokenRules, keys: JWTVerifyGetKey): VerifyToken {
  const options = {
    issuer: rules.issuer,
    audience: [...rules.audience],
    algorithms: [...rules.algorithms],
    requiredClaims: ["exp", "sub"],
    clockTolerance: CLOCK_SKEW_S,
  };
  return async (token) => {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, keys, options));
    } catch (error) {
      throw problemOf(error);
    }
    const { sub, exp } = payload;
    if (typeof sub !== "string" || sub === "" || sub.length > LONGEST_SUBJECT) {
      throw new SignInProblem(401, "The token names no subject");
    }
    const role = roleOf(payload, rules);
    if (role === undefined) {
      throw new SignInProblem(403, "The token gives none of the roles this gateway knows");
    }
    return { subject: sub, role, expiresAt: ((exp ?? 0) + CLOCK_SKEW_S) * 1_000 };
  };
}

/** The strongest of the roles a token gives. */
function roleOf(payload: JWTPayload, { rolesClaim, roles }: TokenRules): Role | undefined {
  const given = textsOf(claimAt(payload, rolesClaim));
  return ROLES.findLast((role) => roles[role].some((name) => given.includes(name)));
}

function claimAt(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) {
    return payload[name]; // a claim's name may be a URL, with dots in it
  }
  let at: unknown = payload;
  for (const part of name.split(".")) {
    at =
      typeof at === "object" && at !== null && Object.hasOwn(at, part)
        ? Reflect.get(at, part)
        : undefined;
  }
  return at;
}

/** A list of texts, or one with spaces in between, as `scp` has it. */
function textsOf(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : typeof claim === "string" ? claim.split(/\s+/) : [];
}

/** The key a token names is in the issuer's set, and is none to check with: too short, or private. (What `fetch` throws has a cause.) */
function isUnusableKey(error: unknown): boolean {
  return error instanceof TypeError && error.cause === undefined;
}

/** What the caller is told: which rule was broken, nothing of the token. */
function problemOf(error: unknown): SignInProblem {
  if (error instanceof errors.JWTExpired) {
    return new SignInProblem(401, "The token has expired");
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const claim = /^(iss|aud|exp|sub|nbf|iat)$/.test(error.claim) ? error.claim : "a claim";
    return new SignInProblem(401, `The token is not for this gateway: ${claim} is not as expected`);
  }
  if (isUnusableKey(error)) {
    return new SignInProblem(401, "The token is not valid");
  }
  // Whoever keeps the keys did not answer, or not with keys.
  const isOurs =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === "ERR_JOSE_GENERIC";
  return isOurs
    ? new SignInProblem(503, "Tokens cannot be checked at the moment", { cause: error })
    : new SignInProblem(401, "The token is not valid");
}
