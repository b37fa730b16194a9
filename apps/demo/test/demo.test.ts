import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the demo runs to its end and says that all is well", async () => {
  const main = fileURLToPath(new URL("../src/demo-main.ts", import.meta.url));
  const demo = spawn(process.execPath, ["--conditions=@patchlane/source", main], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  demo.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => demo.once("exit", resolve));
  expect(output).toContain("Everything is as it should be");
  expect(code).toBe(0);
}, 120_000);
