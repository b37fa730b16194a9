import {
  checkSignIn,
  type Environment,
  isLoopback,
  readSettings,
  type SettingsCheck,
  serviceSettings,
} from "@patchlane/service-kit";
import { z } from "zod";
import { corsOrigins } from "./http/cors-origins.ts";
import { checkTokenSettings, signInSettings } from "./sign-in/sign-in-settings.ts";

const schema = z.object({
  ...serviceSettings,
  ...signInSettings,
  PORT: z.coerce.number("must be a number").int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).optional(),
  SHUTDOWN_LINGER_MS: z.coerce.number("must be a number").int().min(0).max(8_000).default(1_000),
  CORS_ORIGINS: corsOrigins.default([]),
  CALLER_RATE: z.coerce.number("must be a number").min(0).max(1_000_000).optional(),
  GRAPHIQL: onOrOff().optional(),
  METRICS_ACCESS: z.enum(["signed-in", "open"]).default("signed-in"),
  INTROSPECTION: onOrOff().optional(),
  TRUSTED_DOCUMENTS_PATH: z.string().min(1).optional(),
  BULK_MAX_BYTES: z.coerce.number("must be a number").int().min(1).default(1_073_741_824),
  BULK_MAX_ROWS: z.coerce
    .number("must be a number")
    .int()
    .min(1)
    .max(100_000_000)
    .default(1_000_000),
});

export type GatewaySettings = z.output<typeof schema> & { readonly HOST: string };

/** The only place of this app that reads the environment. Throws `SettingsError`. */
export function readEnv(): GatewaySettings {
  return gatewaySettings(process.env);
}

/** Settings as an environment says them. Throws `SettingsError`. */
export function gatewaySettings(environment: Environment): GatewaySettings {
  const checks = [checkSignIn, checkTokenSettings, refuseToServeOpenly];
  const settings = readSettings(schema, environment, checks);
  return { ...settings, HOST: hostOf(settings) };
}

function onOrOff() {
  return z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");
}

function hostOf({ HOST, NODE_ENV }: { HOST?: string; NODE_ENV?: string }): string {
  return HOST ?? (NODE_ENV === "production" ? "0.0.0.0" : "127.0.0.1");
}

/** Without sign-in the gateway serves nobody but the developer in front of it. */
const refuseToServeOpenly: SettingsCheck = (given) => {
  if (given.GATEWAY_AUTH !== "dev") {
    return [];
  }
  if (given.NODE_ENV === "production") {
    return ["GATEWAY_AUTH: dev means no sign-in and is refused with NODE_ENV=production"];
  }
  return isLoopback(hostOf(given))
    ? []
    : ["GATEWAY_AUTH: dev means no sign-in and is refused on this HOST; use a loopback host"];
};
