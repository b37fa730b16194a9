import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

type Environment = Readonly<Record<string, string>>;
type LogLine = Readonly<Record<string, unknown>>;

function spawnMain(environment: Environment): ChildProcess {
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@patchlane/source", main], {
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** Runs the program to its end. */
export async function runToEnd(environment: Environment) {
  const child = spawnMain(environment);
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, "exit") as Promise<[number | null]>,
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
  ]);
  return { exitCode, stdout, stderr };
}

/** Starts the program and waits until it serves. */
export async function startMain(environment: Environment) {
  const child = spawnMain(environment);
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(JSON.parse(line) as LogLine);
      for (const look of waiting) {
        look();
      }
    });
  }
  /** The first log line with this message, as soon as it is there. */
  const logged = (message: string): Promise<LogLine> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find(({ msg }) => msg === message);
        if (found !== undefined) {
          waiting.delete(look);
          resolve(found);
        }
      };
      waiting.add(look);
      look();
    });
  const ready = await logged("gateway ready");
  return {
    origin: new URL(String(ready.url)).origin,
    logged,
    exited,
    signal: (name: NodeJS.Signals) => child.kill(name),
  };
}
