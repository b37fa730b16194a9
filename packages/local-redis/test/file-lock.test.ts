import { spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileLockHeldError, takeFileLock } from "../src/file-lock.ts";
import { tempDir } from "./support/temp-dir.ts";

test("only one at a time holds it", async () => {
  const path = join(await tempDir(), "lock");
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const release = await takeFileLock(path, 20_000);
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      await release();
    }),
  );
  expect(most).toBe(1);
});

test("names the holder when it does not get it in time", async () => {
  const path = join(await tempDir(), "lock");
  const release = await takeFileLock(path, 0);
  await expect(takeFileLock(path, 0)).rejects.toMatchObject({ holderPid: process.pid });
  await expect(takeFileLock(path, 0)).rejects.toThrow(FileLockHeldError);
  await release();
  await (await takeFileLock(path, 0))();
});

test.each([
  ["of a process that is gone", () => String(spawnSync("/bin/true").pid)],
  ["with something else in it", () => "not a process id"],
])("takes over a lock %s, and leaves no other file", async (_name, content) => {
  const dir = await tempDir();
  await writeFile(join(dir, "lock"), content());
  const release = await takeFileLock(join(dir, "lock"), 0);
  expect(await readdir(dir)).toEqual(["lock"]);
  await release();
  expect(await readdir(dir)).toEqual([]);
});
