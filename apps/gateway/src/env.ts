import { isLoopback, readSettings, SettingsError, serviceSettings } from "@patchlane/service-kit";
import { z } from "zod";

const schema = z.object({
  ...serviceSettings,
  PORT: z.coerce.number("must be a number").int().min(0).max(65_535).default(4000),
  HOST: z.string().min(1).optional(),
  GATEWAY_AUTH: z.enum(["jwt", "dev"]).default("jwt"),
});

export type GatewaySettings = z.output<typeof schema> & { readonly HOST: string };

/** The only place of this app that reads the environment. Throws `SettingsError`. */
export function readEnv(): GatewaySettings {
  const settings = readSettings(schema, process.env);
  const isProduction = settings.NODE_ENV === "production";
  const host = settings.HOST ?? (isProduction ? "0.0.0.0" : "127.0.0.1");
  refuseToServeOpenly(settings.GATEWAY_AUTH, isProduction, host);
  return { ...settings, HOST: host };
}

/** Without sign-in the gateway serves nobody but the developer in front of it. */
function refuseToServeOpenly(auth: "jwt" | "dev", isProduction: boolean, host: string): void {
  if (auth === "jwt") {
    throw new SettingsError([
      "GATEWAY_AUTH: sign-in with tokens (jwt, the default) is not part of this version yet; " +
        "set GATEWAY_AUTH=dev to develop on this machine without sign-in",
    ]);
  }
  if (isProduction) {
    throw new SettingsError([
      "GATEWAY_AUTH: dev means no sign-in and is refused with NODE_ENV=production",
    ]);
  }
  if (!isLoopback(host)) {
    throw new SettingsError([
      `GATEWAY_AUTH: dev means no sign-in and is refused on HOST ${host}; use a loopback host`,
    ]);
  }
}
