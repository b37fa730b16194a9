import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

test("the example runs: every row's fate, failures fed back, and no write that need not be", async () => {
  const main = fileURLToPath(new URL("../src/start-main.ts", import.meta.url));
  const example = spawn(process.execPath, ["--conditions=@patchlane/source", main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, REDIS_URL: "" }, // its own, also where one is given
  });
  let output = "";
  example.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  onTestFinished(() => void example.kill("SIGKILL"));
  const code = await new Promise((resolve) => example.once("close", resolve));
  expect(output).toContain("COMPLETED_WITH_ERRORS 12 rows: 10 applied, 0 unchanged, 2 failed");
  expect(output).toContain("COMPLETED 2 rows: 2 applied, 0 unchanged, 0 failed");
  expect(output).toContain("COMPLETED 12 rows: 0 applied, 12 unchanged, 0 failed");
  expect(output).toContain("Writes: 10 in the first night, 2 for corrected rows, 0 after that");
  expect(code).toBe(0);
}, 240_000);
