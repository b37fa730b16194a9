import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./settings/environment.ts";

/** The only place of this app that reads the environment. */
export function readEnvironment(): Environment {
  const { env } = process;
  const given = (name: string): string | undefined => env[name] || undefined;
  return {
    url: given("PATCHLANE_URL"),
    token: given("PATCHLANE_TOKEN"),
    tokenFile: given("PATCHLANE_TOKEN_FILE"),
    tokenCommand: given("PATCHLANE_TOKEN_COMMAND"),
    configFile: given("PATCHLANE_CONFIG"),
    userConfigFile: join(
      given("XDG_CONFIG_HOME") ?? join(homedir(), ".config"),
      "patchlane",
      "config.json",
    ),
    isColorRefused: given("NO_COLOR") !== undefined || env.TERM === "dumb",
    isDumbTerminal: env.TERM === "dumb",
    isUnicode: /utf-?8/i.test(given("LC_ALL") ?? given("LC_CTYPE") ?? given("LANG") ?? ""),
  };
}
