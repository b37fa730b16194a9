import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { LocalRedisStartError } from "../src/index.ts";
import { startWatchedProcess } from "../src/watched-process.ts";
import { untilGone } from "./support/processes.ts";

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
}

test.runIf(process.platform === "linux")(
  "what a killed watchdog guarded is ended too",
  async () => {
    const sleeper = await startWatchedProcess({ command: "/bin/sleep", args: ["600"] });
    process.kill(await parentOf(sleeper.pid), "SIGKILL");
    await sleeper.gone;
    await untilGone(sleeper.pid);
  },
);

test("a command that does not exist is named", async () => {
  const start = startWatchedProcess({ command: "/nowhere/redis-server", args: [] });
  await expect(start).rejects.toThrow(LocalRedisStartError);
  await expect(start).rejects.toThrow("/nowhere/redis-server");
});
