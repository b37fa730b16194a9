import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

test("the demo runs to its end and says that all is well", async () => {
  const main = fileURLToPath(new URL("../src/demo-main.ts", import.meta.url));
  const demo = spawn(process.execPath, ["--conditions=@patchlane/source", main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, REDIS_URL: "" }, // its own, also where one is given
  });
  let output = "";
  demo.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  // Asked to stop, it takes everything it started with it.
  onTestFinished(() => void demo.kill("SIGTERM"));
  // Not "exit": its last words may still be in the pipe then.
  const code = await new Promise((resolve) => demo.once("close", resolve));
  expect(output).toContain("Everything is as it should be");
  expect(code).toBe(0);
}, 240_000);
