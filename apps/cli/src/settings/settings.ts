import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { usageFailure } from "../failure.ts";
import { readConfigFile } from "./config-file.ts";
import type { Environment } from "./environment.ts";

/** A setting and where it comes from, in words. */
export interface Setting {
  readonly value: string;
  readonly origin: string;
}

export interface Settings {
  readonly url: Setting;
  /** Never printed. */
  readonly token: Setting | undefined;
}

/** Settings given as flags. */
export interface SettingFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly config?: string | undefined;
}

const USUAL_URL = "http://127.0.0.1:4000";

/** Flags before environment before config file. Throws a usage failure that names the setting. */
export async function resolveSettings(
  flags: SettingFlags,
  environment: Environment,
  directory: string,
): Promise<Settings> {
  const file = await readConfigFile({
    named: flags.config ?? environment.configFile,
    directory,
    userFile: environment.userConfigFile,
  });
  const url = setting(flags.url, "--url") ??
    setting(environment.url, "PATCHLANE_URL") ??
    setting(file?.url, `the config file ${file?.path}`) ?? {
      value: USUAL_URL,
      origin: "the default",
    };
  if (!isHttpUrl(url.value)) {
    throw usageFailure(
      `the gateway's URL (from ${url.origin}) must begin with http:// or https://`,
    );
  }
  const token =
    setting(flags.token, "--token") ??
    (await tokenIn(flags.tokenFile, "--token-file", directory)) ??
    setting(environment.token, "PATCHLANE_TOKEN") ??
    (await tokenIn(environment.tokenFile, "PATCHLANE_TOKEN_FILE", directory)) ??
    setting(file?.token, `the config file ${file?.path}`) ??
    (await tokenIn(file?.tokenFile, `the config file ${file?.path}`, dirname(file?.path ?? "")));
  return { url, token };
}

function setting(value: string | undefined, origin: string): Setting | undefined {
  return value === undefined ? undefined : { value, origin };
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

async function tokenIn(
  path: string | undefined,
  origin: string,
  directory: string,
): Promise<Setting | undefined> {
  if (path === undefined) {
    return undefined;
  }
  const file = resolve(directory, path);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    throw usageFailure(`the token file ${file} (from ${origin}) cannot be read (${String(code)})`);
  });
  const value = text.trim();
  if (value === "" || /\s/.test(value)) {
    throw usageFailure(
      `the token file ${file} (from ${origin}) must hold one token and nothing else`,
    );
  }
  return { value, origin: `${file} (${origin})` };
}

/** Whether a token sent there could be read on the way. */
export function isTokenInTheClear({ url, token }: Settings): boolean {
  const { protocol, hostname } = new URL(url.value);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return token !== undefined && protocol === "http:" && !isHere;
}
