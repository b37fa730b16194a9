import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { usageFailure } from "../failure.ts";

/** ms a command may take to print a token; somebody may have to sign in meanwhile. */
const LONGEST_MS = 120_000;

/**
 * Runs a command of the user's shell and answers what it prints. What it says beside that goes to standard error as it is.
 * Throws a usage failure; what was printed stands in none.
 */
export async function runTokenCommand(command: string, signal: AbortSignal): Promise<string> {
  const child = spawn(command, {
    shell: true,
    stdio: ["ignore", "pipe", "inherit"],
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  try {
    const [printed, code] = await Promise.all([text(child.stdout), ended]);
    if (code === 0) {
      return printed;
    }
    throw usageFailure(`the token command ended with exit code ${code}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Error && error.name === "AbortError"
      ? usageFailure(`the token command took longer than ${LONGEST_MS / 1_000} s`)
      : error;
  }
}
