import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { startLocalStack } from "@patchlane/local-stack";
import { expect, onTestFinished, test } from "vitest";

test("the README's examples run against a gateway and print what they say", async () => {
  const stack = await startLocalStack({ referrals: 50, ratePerSecond: 50, workers: 1 });
  onTestFinished(() => stack.stop());
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  expect(examples).toHaveLength(2);
  for (const example of examples) {
    const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(
      (match) => match[1],
    );
    expect(promised).toHaveLength(3);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--conditions=@patchlane/source", "--input-type=module-typescript", "--eval", example],
      // Here the package's own name resolves as it does for a user.
      {
        cwd: new URL("..", import.meta.url),
        env: { PATH: process.env.PATH, PATCHLANE_URL: stack.gatewayUrl },
      },
    );
    expect(stdout.trim().split("\n")).toEqual(promised);
  }
}, 180_000);
