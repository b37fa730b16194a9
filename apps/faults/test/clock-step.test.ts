import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PRELOAD = fileURLToPath(new URL("../src/preload/clock-step.ts", import.meta.url));
const SHOW = `setInterval(() => console.log(JSON.stringify([
  Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date])), 50)`;

test("a signal moves the wall clock of a process an hour ahead", async () => {
  const child = spawn(process.execPath, [`--import=${PRELOAD}`, "-e", SHOW]);
  try {
    const lines = createInterface({ input: child.stdout });
    let isSignalled = false;
    for await (const line of lines) {
      const [now, made, given, isDate] = JSON.parse(line) as [number, number, number, boolean];
      expect([given, isDate]).toEqual([5, true]);
      expect(made - now).toBeLessThan(1_000);
      if (!isSignalled) {
        expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
        isSignalled = child.kill("SIGUSR2");
      } else if (now > Date.now() + 3_000_000) {
        return;
      }
    }
    throw new Error("the process ended");
  } finally {
    child.kill("SIGKILL");
  }
});
