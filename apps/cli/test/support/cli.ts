import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly url?: string;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

export interface RunningCli {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote so far. */
  stdout(): string;
  /** Resolves when it has ended and everything it said is here. */
  readonly ended: Promise<Ended>;
}

/** Starts the command as a process of its own, with nothing of our environment but what finds programs. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const { url, directory, environment, stdin } = options;
  const child = spawn(process.execPath, ["--conditions=@patchlane/source", MAIN, ...args], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      // Nobody's own config file is read.
      XDG_CONFIG_HOME: "/nonexistent",
      ...(url === undefined ? {} : { PATCHLANE_URL: url }),
      ...environment,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {});
  if (stdin !== undefined) {
    child.stdin.end(stdin);
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, stdout: () => stdout, ended };
}

export function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return startCli(args, { stdin: "", ...options }).ended;
}

/** Every line of standard output as JSON. */
export function documentsOf({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
