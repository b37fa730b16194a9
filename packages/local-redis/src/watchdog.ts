/**
 * Program of a small process of its own: runs one command and makes sure that it does not outlive
 * the process that asked for it.
 *
 * Its stdin is a pipe from that process and carries nothing. The kernel closes it when the process
 * ends, however it ends, `kill -9` included; then the command is killed and, when told to, its data
 * removed. On stdout go `{"pid":…}` once it runs and `{"exit":…}` (or `{"failed":…}`) at the end.
 *
 * An argument of JSON (`WatchdogTask`) says what to run.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { removeData } from "./data-dir.ts";
import type { WatchdogReport, WatchdogTask } from "./watchdog-protocol.ts";

/** Between two tries of `endCommand`: an engine may still be creating what it is to remove. */
const END_RETRY_MS = 250;
/** With `END_RETRY_MS`: ten seconds, then the command itself is killed. */
const END_TRIES = 40;

function report(message: WatchdogReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function end(child: ChildProcess, endCommand: readonly string[] | undefined, tries = 0): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const [command, ...args] = endCommand ?? [];
  if (command === undefined || tries >= END_TRIES) {
    child.kill("SIGKILL");
    return;
  }
  spawnSync(command, args, { stdio: "ignore" });
  setTimeout(() => end(child, endCommand, tries + 1), END_RETRY_MS);
}

function main(task: WatchdogTask): void {
  let isOrphaned = false;
  const child = spawn(task.command, task.args, { stdio: ["ignore", "ignore", "inherit"] });

  const orphaned = (): void => {
    if (isOrphaned) return;
    isOrphaned = true;
    end(child, task.endCommand);
  };
  // Nobody reads any more when the parent is gone: the write fails, and that is fine.
  process.stdout.on("error", orphaned);
  process.stdin.on("error", orphaned).on("close", orphaned).resume();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => child.kill("SIGTERM"));
  }

  child.once("spawn", () => report({ pid: child.pid ?? 0 }));
  child.once("error", (error) => {
    report({ failed: error.message });
    process.stdin.destroy();
  });
  child.once("exit", async (code, signal) => {
    report({ exit: signal ?? `code ${code}` });
    process.stdin.off("close", orphaned).destroy();
    if (isOrphaned && task.removeDataDir !== undefined) await removeData(task.removeDataDir);
  });
}

main(JSON.parse(process.argv[2] ?? "") as WatchdogTask);
