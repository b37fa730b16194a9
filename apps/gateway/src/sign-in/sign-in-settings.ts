import { isLoopback, type SettingsCheck } from "@patchlane/service-kit";
import { z } from "zod";

/** Signed with a private key, all of them: a gateway that knows only public keys cannot be talked into anything else. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const algorithms = list.refine(
  (names) =>
    names.length > 0 && names.every((name) => (ALGORITHMS as readonly string[]).includes(name)),
  {
    error: `must be some of ${ALGORITHMS.join(", ")}`,
  },
);

const keysUrl = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL", abort: true })
  .refine((url) => url.startsWith("https:") || isLoopback(new URL(url).hostname), {
    error: "must be https (http only for a loopback host)",
  });

/** How callers sign in; see docs/settings.md. */
export const signInSettings = {
  GATEWAY_AUTH: z.enum(["jwt", "dev"]).default("jwt"),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: list
    .refine((names) => names.length > 0, { error: "must name at least one" })
    .optional(),
  JWT_JWKS_URL: keysUrl.optional(),
  JWT_ALGORITHMS: algorithms.default(["RS256", "PS256", "ES256"]),
  JWT_ROLES_CLAIM: z.string().min(1).default("roles"),
  JWT_ROLE_READER: list.default(["Referral.Reader"]),
  JWT_ROLE_USER: list.default(["Referral.User"]),
  JWT_ROLE_ADMIN: list.default(["Referral.Admin"]),
} as const;

/** With `jwt` it must be known whose tokens are good. */
export const checkTokenSettings: SettingsCheck = (given) => {
  if ((given.GATEWAY_AUTH ?? "jwt") !== "jwt") {
    return [];
  }
  return ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"]
    .filter((name) => given[name] === undefined)
    .map((name) => `${name} is required with GATEWAY_AUTH=jwt (the default; dev means no sign-in)`);
};
