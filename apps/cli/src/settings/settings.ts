import { readFile, realpath } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import type { TokenSource } from "@patchlane/gateway-client";
import { usageFailure } from "../failure.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import type { Environment } from "./environment.ts";

/** A setting and where it comes from, in words. */
export interface Setting {
  readonly value: string;
  readonly origin: string;
}

/** A token, or what gets one, and where it comes from, in words. */
export interface TokenSetting {
  /** Never printed. */
  readonly source: string | TokenSource;
  readonly origin: string;
}

export interface Settings {
  readonly url: Setting;
  readonly token: TokenSetting | undefined;
}

/** Settings given as flags. */
export interface SettingFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tokenCommand?: string | undefined;
  readonly config?: string | undefined;
}

const USUAL_URL = "http://127.0.0.1:4000";

/** Flags before environment before config file. Throws a usage failure that names the setting. */
export async function resolveSettings(
  flags: SettingFlags,
  environment: Environment,
  edges: {
    readonly directory: string;
    /** Runs a command and answers what it prints. */
    readonly runToken: (command: string) => Promise<string>;
  },
): Promise<Settings> {
  const { directory, runToken } = edges;
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
  const fromFile = `the config file ${file?.path}`;
  const flagged =
    given(flags.token, "--token") ??
    (await inFile(flags.tokenFile, "--token-file", directory)) ??
    printed(flags.tokenCommand, "--token-command", runToken);
  const ofTheUser =
    given(environment.token, "PATCHLANE_TOKEN") ??
    (await inFile(environment.tokenFile, "PATCHLANE_TOKEN_FILE", directory)) ??
    printed(environment.tokenCommand, "PATCHLANE_TOKEN_COMMAND", runToken);
  if (flagged === undefined && file?.isStray && url.origin === fromFile && !isHere(url.value)) {
    await checkStray(url.value, file, ofTheUser);
  }
  const token =
    flagged ??
    ofTheUser ??
    given(file?.token, fromFile) ??
    (await inFile(file?.tokenFile, fromFile, dirname(file?.path ?? ""))) ??
    printed(file?.tokenCommand, fromFile, runToken);
  return { url, token };
}

/**
 * Whoever looks into a folder somebody else made would send a token to where its config file says, or a file of theirs as one:
 * a stray file gets what stands in it or lies beside it, and nothing else.
 */
async function checkStray(
  url: string,
  { path, tokenFile }: ConfigFile,
  ofTheUser: TokenSetting | undefined,
): Promise<void> {
  const hint = "Name the file with --config, or give the gateway with --url or PATCHLANE_URL.";
  if (ofTheUser !== undefined) {
    throw usageFailure(
      `the token from ${ofTheUser.origin} is not sent to ${url}, which only a config file that lies in the working directory names (${path})`,
      hint,
    );
  }
  if (tokenFile !== undefined) {
    const folder = await realpath(dirname(path));
    const file = await realpath(resolve(folder, tokenFile)).catch(() => undefined); // reading it says why
    if (file !== undefined && !file.startsWith(folder + sep)) {
      throw usageFailure(`"tokenFile" in the config file ${path} leads out of its folder`, hint);
    }
  }
}

function given(token: string | undefined, origin: string): TokenSetting | undefined {
  return token === undefined ? undefined : { source: token, origin };
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

/** Read now, so that a wrong path is told at once; and again when it is refused: somebody may keep the file fresh. */
async function inFile(
  path: string | undefined,
  from: string,
  directory: string,
): Promise<TokenSetting | undefined> {
  if (path === undefined) {
    return undefined;
  }
  const file = resolve(directory, path);
  const read = async (): Promise<string> => {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      const { code } = error as { code?: unknown };
      throw usageFailure(`the token file ${file} (from ${from}) cannot be read (${String(code)})`);
    });
    return tokenOf(text, `the token file ${file} (from ${from}) must hold`);
  };
  return { source: kept(read, await read()), origin: `${file} (${from})` };
}

function printed(
  command: string | undefined,
  from: string,
  run: (command: string) => Promise<string>,
): TokenSetting | undefined {
  if (command === undefined) {
    return undefined;
  }
  const read = async (): Promise<string> =>
    tokenOf(await run(command), `the token command (from ${from}) must print`);
  return { source: kept(read), origin: `a command (${from})` };
}

/** Gets a token once, and anew when it was refused. */
function kept(get: () => Promise<string>, first?: string): TokenSource {
  let latest = first;
  return async (refused) => {
    if (latest === undefined || latest === refused) {
      latest = await get();
    }
    return latest;
  };
}

function tokenOf(text: string, whoMust: string): string {
  const token = text.trim();
  if (token === "" || /\s/.test(token)) {
    throw usageFailure(`${whoMust} one token and nothing else`);
  }
  return token;
}

/** Whether a token sent there could be read on the way. */
export function isTokenInTheClear({ url, token }: Settings): boolean {
  const { protocol } = new URL(url.value);
  return token !== undefined && protocol === "http:" && !isHere(url.value);
}

/** Whether an address is this machine's own. */
function isHere(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
