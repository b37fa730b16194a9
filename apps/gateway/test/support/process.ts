import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type LogLine = Readonly<Record<string, unknown>>;

/** One of the apps as a process of its own. */
export interface AppProcess {
  /** The line that said it was ready. */
  readonly ready: LogLine;
  /** Everything it logged so far. */
  readonly lines: readonly LogLine[];
  /** Asks it to stop and waits until it is gone and its last line is here; answers its exit code. */
  stop(): Promise<number | null>;
}

/** Starts an app with exactly this environment; resolves when it has said that it is ready. Whoever starts it stops it. */
export async function startApp(
  app: "gateway" | "worker",
  environment: Readonly<Record<string, string>>,
): Promise<AppProcess> {
  const main = fileURLToPath(new URL(`../../../${app}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@patchlane/source", main], {
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = createInterface({ input: child.stdout });
  const allRead = once(output, "close");
  const exited = once(child, "exit") as Promise<[number | null]>;
  const lines: LogLine[] = [];
  const ready = await new Promise<LogLine>((resolve, reject) => {
    output.on("line", (text) => {
      const line = JSON.parse(text) as LogLine;
      lines.push(line);
      if (line.msg === `${app} ready`) resolve(line);
    });
    void exited.then(([code]) => reject(new Error(`the ${app} ended with ${code}`)));
  });
  return {
    ready,
    lines,
    stop: async () => {
      child.kill("SIGTERM");
      const [[code]] = await Promise.all([exited, allRead]);
      return code;
    },
  };
}
