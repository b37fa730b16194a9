import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the README's example runs and prints what it says", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map((match) => match[1]);
  expect(promised).toHaveLength(2);

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@patchlane/source", "--input-type=module-typescript", "--eval", example],
    // Here the package's own name resolves as it does for a user.
    { cwd: new URL("..", import.meta.url) },
  );
  expect(stdout.trim().split("\n")).toEqual(promised);
});
