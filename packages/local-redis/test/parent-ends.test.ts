import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { isRunning, untilGone } from "./support/processes.ts";
import { tempDir } from "./support/temp-dir.ts";

/** Runs a program of `support/` and resolves with the id of the process it says it started. */
async function startParent(name: string, ...args: string[]): Promise<[ChildProcess, number]> {
  const program = fileURLToPath(new URL(`./support/${name}`, import.meta.url));
  const parent = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  return [parent, (JSON.parse(line) as { pid: number }).pid];
}

test("a parent killed with -9 leaves no Redis and no files", async () => {
  const dataDir = await tempDir();
  const [parent, redisPid] = await startParent("start-and-report.ts", dataDir, "stay");
  expect(isRunning(redisPid)).toBe(true);
  parent.kill("SIGKILL");
  await untilGone(redisPid);
  await vi.waitFor(() => expect(existsSync(dataDir)).toBe(false), 30_000);
});

test.each(["exit", "crash", "run to its end"])(
  "a parent that forgot stop() leaves no Redis: %s",
  async (then) => {
    const [parent, redisPid] = await startParent("start-and-report.ts", await tempDir(), then);
    if (parent.exitCode === null) await once(parent, "exit");
    await untilGone(redisPid);
  },
);

test("what only an engine can end is ended through the engine", async () => {
  const container = join(await tempDir(), "container");
  await writeFile(container, "");
  const task = {
    command: "/bin/sh",
    args: ["-c", `while [ -e "${container}" ]; do sleep 0.05; done`],
    endCommand: ["/bin/rm", "-f", container],
  };
  const [parent, pid] = await startParent("watch-and-stay.ts", JSON.stringify(task));
  parent.kill("SIGKILL");
  await untilGone(pid);
  expect(existsSync(container)).toBe(false);
});
