import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LocalStack } from "@patchlane/local-stack";
import { type Block, WORKSPACE } from "./markdown.ts";

/** Where the pages say that things are; what runs here listens elsewhere. */
const GATEWAY = "http://127.0.0.1:4000";
const SIMULATOR = "http://127.0.0.1:40123";

/** ms one block may take. */
const LONGEST_MS = 60_000;

/** Runs what a page shows, block after block, as a reader would who types it into one terminal. */
export interface PageRunner {
  /** What it prints. Rejects, with what it said, when it fails. */
  run(block: Block): Promise<string>;
  close(): Promise<void>;
}

export async function pageRunner(stack: LocalStack): Promise<PageRunner> {
  const directory = await mkdtemp(join(tmpdir(), "docs-"));
  // Beside the tests, where the packages' names resolve.
  const modules = await mkdtemp(join(WORKSPACE, "docs/.data-"));
  const environment = {
    PATH: `${await commands(directory)}:${process.env.PATH}`,
    HOME: directory,
    PATCHLANE_URL: stack.gatewayUrl,
  };
  const origins = new Map([
    [GATEWAY, new URL(stack.gatewayUrl).origin],
    [SIMULATOR, new URL(stack.controlUrl).origin],
  ]);
  const here = (text: string): string =>
    text.replace(/http:\/\/127\.0\.0\.1:\d+/g, (said) => origins.get(said) ?? said);
  const shell = shellIn(directory, environment);
  const beginning: string[] = [];

  return {
    run: (block) => {
      const text = here(block.text);
      switch (block.language) {
        case "sh":
          return shell(text);
        case "ts":
          return runModule(modules, environment, text, beginning);
        case "graphql":
          return ask(stack.gatewayUrl, text);
        default:
          throw new Error(`${block.at}: nobody knows how to run ${block.language}`);
      }
    },
    close: async () => {
      await rm(directory, { recursive: true, force: true });
      await rm(modules, { recursive: true, force: true });
    },
  };
}

/** `npx -y pnpm@… --silent patchlane` starts the command from its sources, without asking a registry. */
async function commands(directory: string): Promise<string> {
  const path = join(directory, ".bin");
  await mkdir(path);
  const npx = `#!/bin/sh
case "$*" in
  "-y pnpm@"*" --silent patchlane "*) ;;
  *) echo "not available here: npx $*" >&2; exit 99 ;;
esac
shift 4
exec "${process.execPath}" --conditions=@patchlane/source "${WORKSPACE}/apps/cli/src/main.ts" "$@"
`;
  await writeFile(join(path, "npx"), npx, { mode: 0o755 });
  return path;
}

type Run = (text: string) => Promise<string>;

/** Variables and functions that a block sets are there for the next. */
function shellIn(directory: string, environment: NodeJS.ProcessEnv): Run {
  const variables = join(directory, ".variables");
  return async (text) => {
    const named = (pattern: RegExp, option: string): string[] =>
      [...text.matchAll(pattern)].map(([, name]) => `declare ${option} ${name} >>"${variables}"`);
    const keep = [...named(/^([A-Za-z_]\w*)=/gm, "-p"), ...named(/^(\w+)\(\) /gm, "-f")].join("\n");
    const before = existsSync(variables) ? await readFile(variables, "utf8") : "";
    return await execute(
      "bash",
      ["--norc", "-euo", "pipefail", "-c", `${before}\n${text}\n${keep}`],
      {
        cwd: directory,
        env: environment,
      },
    );
  };
}

/** The first module of a page is what the others begin with: they use what it declares. */
async function runModule(
  directory: string,
  environment: NodeJS.ProcessEnv,
  text: string,
  beginning: string[],
): Promise<string> {
  const file = join(directory, `example-${crypto.randomUUID()}.ts`);
  await writeFile(file, beginning.length === 0 ? text : `${beginning.join("\n")}\n{\n${text}\n}\n`);
  if (beginning.length === 0) {
    beginning.push(text);
  }
  return await execute(process.execPath, ["--conditions=@patchlane/source", file], {
    cwd: directory,
    env: environment,
  });
}

async function execute(
  file: string,
  given: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  const { stdout } = await promisify(execFile)(file, given, { ...options, timeout: LONGEST_MS });
  return stdout;
}

/** As GraphiQL asks. */
async function ask(url: string, query: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { errors?: unknown };
  if (answer.errors !== undefined) {
    throw new Error(JSON.stringify(answer.errors));
  }
  return JSON.stringify(answer);
}
