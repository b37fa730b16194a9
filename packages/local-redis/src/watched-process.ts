import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readEnvironment } from "./env.ts";
import { LocalRedisStartError } from "./errors.ts";
import type { WatchdogReport, WatchdogTask } from "./watchdog-protocol.ts";

/** Enough of stderr for a message. */
const STDERR_KEPT_CHARS = 2000;

/** A process that cannot outlive this one. */
export interface WatchedProcess {
  readonly pid: number;
  /** Resolves when the process is gone. Never rejects. */
  readonly gone: Promise<void>;
  isGone(): boolean;
  /** Does nothing once it is gone, so a reused process id is never hit. */
  signal(name: NodeJS.Signals): void;
  /** The end of what it wrote to stderr. */
  stderr(): string;
  /** Whether it keeps our event loop alive (at first it does). */
  keepsUsAlive(value: boolean): void;
}

/**
 * Starts a command under the watchdog (`watchdog.ts`). Resolves once it runs; rejects with
 * `LocalRedisStartError` when it cannot be started at all.
 */
export async function startWatchedProcess(task: WatchdogTask): Promise<WatchedProcess> {
  const watchdog = spawnWatchdog(task);
  let stderr = "";
  watchdog.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT_CHARS);
  });
  // It carries nothing; that it breaks when the watchdog ends is expected.
  watchdog.stdin.on("error", () => {});

  let pid: number | undefined;
  let isGone = false;
  let failure: string | undefined;
  const signal = (name: NodeJS.Signals): void => {
    if (pid !== undefined && !isGone) sendSignal(pid, name);
  };
  const reports = createInterface({ input: watchdog.stdout });
  const running = new Promise<void>((resolve) => {
    reports.on("line", (line) => {
      const report = JSON.parse(line) as WatchdogReport;
      if ("pid" in report) pid = report.pid;
      if ("exit" in report) isGone = true;
      if ("failed" in report) failure = report.failed;
      resolve();
    });
    // No exit was reported: the watchdog itself was killed, and its work is ours.
    reports.on("close", () => signal("SIGKILL"));
    reports.on("close", resolve);
  });
  // "close" comes after both processes let go of stderr, so after both have ended.
  const gone = once(watchdog, "close").then(
    () => {
      isGone = true;
    },
    (error: Error) => {
      failure = error.message;
      isGone = true;
    },
  );
  await Promise.race([running, gone]);
  if (pid === undefined) {
    await gone;
    const reason = failure ?? (stderr.trim() || "its watchdog ended early");
    throw new LocalRedisStartError(`Could not run ${task.command}: ${reason}`);
  }
  return {
    pid,
    gone,
    isGone: () => isGone,
    signal,
    stderr: () => stderr,
    keepsUsAlive: (value) => {
      for (const handle of [watchdog, watchdog.stdin, watchdog.stdout, watchdog.stderr]) {
        if (value) handle.ref();
        else handle.unref();
      }
    },
  };
}

/** Node's pipes are sockets, though its types say less. */
type Watchdog = ChildProcessByStdio<Socket, Socket, Socket>;

function spawnWatchdog(task: WatchdogTask): Watchdog {
  const self = import.meta.url;
  const program = new URL(self.endsWith(".ts") ? "./watchdog.ts" : "./watchdog.js", self);
  return spawn(process.execPath, [fileURLToPath(program), JSON.stringify(task)], {
    // A session of its own: Ctrl-C in the terminal is for us, who may still need the server to finish.
    detached: true,
    env: readEnvironment().childEnvironment,
    stdio: ["pipe", "pipe", "pipe"],
  }) as Watchdog;
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
