import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

test("the example runs, and every change has the outcome it should have", async () => {
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
  expect(output.trimEnd().split("\n")).toEqual([
    "A new deal value: APPLIED -> saved",
    "The same click, twice: APPLIED -> saved",
    "Updates of the referral: 1",
    "From a page that is out of date: FAILED -> reload",
    "A currency there is none of: fix",
    "A status it may not have: choose",
    "A referral there is none of: FAILED -> gone",
  ]);
  expect(code).toBe(0);
}, 240_000);
