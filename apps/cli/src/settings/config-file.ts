import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { usageFailure } from "../failure.ts";
import { nearest } from "../input/nearest.ts";

/** What a config file may say. */
export interface ConfigFile {
  readonly path: string;
  /** It lies in the working directory, and nobody named it: whoever made the folder may have made it, too. */
  readonly isStray: boolean;
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tokenCommand?: string;
}

const NAMES = ["url", "token", "tokenFile", "tokenCommand"] as const;

/** In the working directory. */
const USUAL_NAME = "patchlane.config.json";

/**
 * The config file: the one that is named, else patchlane.config.json in the working directory, else the user's own. Files are not
 * merged, so that a token meant for one gateway is not sent to another. Undefined when there is none.
 */
export async function readConfigFile(places: {
  readonly named: string | undefined;
  readonly directory: string;
  readonly userFile: string;
}): Promise<ConfigFile | undefined> {
  const { named, directory, userFile } = places;
  if (named !== undefined) {
    const text = await textOf(named);
    if (text === undefined) {
      throw usageFailure(`there is no config file ${named}`);
    }
    return { ...parse(text, named), isStray: false };
  }
  const here = join(directory, USUAL_NAME);
  for (const path of [here, userFile]) {
    const text = await textOf(path);
    if (text !== undefined) {
      const found = parse(text, path);
      if (path === here && found.tokenCommand !== undefined) {
        // Whoever looks into a folder somebody else made would run what stands there.
        throw usageFailure(
          `"tokenCommand" is not taken from a config file that only lies in the working directory (${path})`,
          "Name the file with --config, or put it into your own config file or PATCHLANE_TOKEN_COMMAND.",
        );
      }
      return { ...found, isStray: path === here };
    }
  }
  return undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw usageFailure(`the config file ${path} cannot be read (${String(code)})`);
  }
}

function parse(text: string, path: string): Omit<ConfigFile, "isStray"> {
  const content = parseJson(text);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    // The parser's words quote the text, which may hold a token.
    throw usageFailure(`the config file ${path} is not a JSON object`);
  }
  for (const [name, value] of Object.entries(content)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      const meant = nearest(name, NAMES);
      const hint =
        meant === undefined ? `It may have ${NAMES.join(", ")}.` : `Did you mean ${meant}?`;
      throw usageFailure(`the config file ${path} has an unknown setting "${name}"`, hint);
    }
    if (typeof value !== "string" || value === "") {
      throw usageFailure(`"${name}" in the config file ${path} must be a text`);
    }
  }
  return { ...content, path };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
