import { execFile } from "node:child_process";
import { readEnvironment } from "./env.ts";

/** What a command did. */
export interface CommandResult {
  /** `null` when it could not be started, was killed, or took too long. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Never rejects: a command that cannot run is a result too. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  options?: { env?: Record<string, string>; timeoutMs?: number },
) => Promise<CommandResult>;

/** Commands that ask an engine or a program one question. */
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export const runCommand: RunCommand = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      {
        env: { ...readEnvironment().childEnvironment, ...options.env },
        maxBuffer: MAX_OUTPUT_BYTES,
        timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ exitCode: 0, stdout, stderr });
        else {
          const exitCode = typeof error.code === "number" ? error.code : null;
          resolve({ exitCode, stdout, stderr: stderr || error.message });
        }
      },
    );
    // Nothing here may wait for somebody to type.
    child.stdin?.end();
  });
