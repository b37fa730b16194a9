import {
  checkSignIn,
  isLoopback,
  readSettings,
  type SettingsCheck,
  serviceSettings,
} from "@patchlane/service-kit";
import { z } from "zod";

const schema = z.object({
  ...serviceSettings,
  PORT: z.coerce.number("must be a number").int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).optional(),
  GATEWAY_AUTH: z.enum(["jwt", "dev"]).default("jwt"),
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
  const settings = readSettings(schema, process.env, [checkSignIn, refuseToServeOpenly]);
  return { ...settings, HOST: hostOf(settings) };
}

function hostOf({ HOST, NODE_ENV }: { HOST?: string; NODE_ENV?: string }): string {
  return HOST ?? (NODE_ENV === "production" ? "0.0.0.0" : "127.0.0.1");
}

/** Without sign-in the gateway serves nobody but the developer in front of it. */
const refuseToServeOpenly: SettingsCheck = (given) => {
  if ((given.GATEWAY_AUTH ?? "jwt") === "jwt") {
    return [
      "GATEWAY_AUTH: sign-in with tokens (jwt, the default) is not part of this version yet; " +
        "set GATEWAY_AUTH=dev to develop on this machine without sign-in",
    ];
  }
  if (given.NODE_ENV === "production") {
    return ["GATEWAY_AUTH: dev means no sign-in and is refused with NODE_ENV=production"];
  }
  return isLoopback(hostOf(given))
    ? []
    : ["GATEWAY_AUTH: dev means no sign-in and is refused on this HOST; use a loopback host"];
};
