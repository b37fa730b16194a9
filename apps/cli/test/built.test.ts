import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the built command runs under the name package.json gives it", async () => {
  const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const main = new URL(`../${manifest.bin.patchlane}`, import.meta.url);
  expect((await readFile(main, "utf8")).startsWith("#!/usr/bin/env node\n")).toBe(true);
  const { stdout } = await promisify(execFile)(process.execPath, [main.pathname, "--version"]);
  expect(stdout.trim()).toBe(manifest.version);
});
