import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { inheritedEnvironment } from "./env.ts";

/** One of the project's processes, started by us and ended by its pid only. */
export interface ChildService {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  /** Asks it to stop (SIGTERM) and waits; ends it after a while if it does not. */
  stop(): Promise<void>;
  /** Sends a signal, for fault tests. */
  signal(name: NodeJS.Signals): void;
}

export interface StartedChild {
  readonly service: ChildService;
  /** The line that said it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
}

/** ms a process may take until it says that it is ready. */
const START_TIMEOUT_MS = 30_000;
/** ms a process may take to stop before it is killed. */
const STOP_TIMEOUT_MS = 45_000;

const END_WITH_PARENT = new URL(
  import.meta.url.endsWith(".ts") ? "./end-with-parent.ts" : "./end-with-parent.js",
  import.meta.url,
).href;

/** Thrown when a process ends or stays silent before it is ready; holds the end of what it printed. */
export class ChildStartError extends Error {
  override readonly name = "ChildStartError";
}

/**
 * Starts `node <arguments>` with exactly the given environment (and PATH, HOME and NODE_COMPILE_CACHE), and waits for the
 * JSON line on stdout for which `isReady` holds.
 */
export async function startChild(options: {
  name: string;
  nodeArguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  isReady: (line: Readonly<Record<string, unknown>>) => boolean;
  onLine?: (line: string) => void;
}): Promise<StartedChild> {
  const child = spawn(process.execPath, ["--import", END_WITH_PARENT, ...options.nodeArguments], {
    // stdin tells the child that we are gone; nothing is written to it.
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...inheritedEnvironment(), ...options.environment },
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.stdin.on("error", () => {});
  endWithUs(child, exited);
  const tail: string[] = [];
  const ready = await untilReady(child, options, tail);
  return { service: asService(options.name, child, exited), ready };
}

const running = new Set<ChildProcess>();

/** Whatever still runs when this process exits is ended with it; when it is killed, by `end-with-parent`. */
function endWithUs(child: ChildProcess, exited: Promise<void>): void {
  if (running.size === 0 && !process.listeners("exit").includes(endAll)) {
    process.on("exit", endAll);
  }
  running.add(child);
  void exited.then(() => running.delete(child));
}

function endAll(): void {
  for (const child of running) {
    child.kill("SIGKILL");
  }
}

function untilReady(
  child: ChildProcess,
  options: Parameters<typeof startChild>[0],
  tail: string[],
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new ChildStartError(`${options.name} ${why}:\n${tail.join("\n")}`));
    };
    const timer = setTimeout(() => failed("did not say that it is ready"), START_TIMEOUT_MS);
    // Not "exit": what it said last may still be in the pipe then.
    child.once("close", () => failed("ended before it was ready"));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) {
        continue;
      }
      createInterface({ input: stream }).on("line", (text) => {
        tail.push(text);
        tail.splice(0, tail.length - 20);
        options.onLine?.(text);
        const line = parseLine(text);
        if (line !== undefined && options.isReady(line)) {
          clearTimeout(timer);
          resolve(line);
        }
      });
    }
  });
}

function parseLine(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith("{")) {
    return undefined;
  }
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function asService(name: string, child: ChildProcess, exited: Promise<void>): ChildService {
  return {
    name,
    pid: child.pid ?? -1,
    exited,
    signal: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      child.kill("SIGTERM");
      child.kill("SIGCONT"); // a paused process would never see it
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
