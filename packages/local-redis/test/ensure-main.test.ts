import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCommand } from "../src/run-command.ts";
import { tempDir } from "./support/temp-dir.ts";

/** Where there is none yet, it is installed: a slow mirror takes its time. */
const INSTALL_TIMEOUT_MS = 20 * 60_000;
const program = fileURLToPath(new URL("../src/ensure-main.ts", import.meta.url));

test("with REDIS_URL set it looks for nothing, and does not print the password in it", async () => {
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [program], {
    env: { REDIS_URL: "redis://:secret@redis.example:6379", PATH: "/nowhere" },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^Redis: REDIS_URL is set.*\n$/);
  expect(stdout).not.toContain("secret");
});

test(
  "without it, it says in one line what it uses",
  async () => {
    const { exitCode, stdout } = await runCommand(process.execPath, [program], {
      env: { REDIS_URL: "" },
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Redis: .+\n$/);
  },
  INSTALL_TIMEOUT_MS,
);

test("when there is none, it fails with the one message", async () => {
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [program], {
    // Its own TMPDIR: in the usual one somebody may hold the lock, really installing.
    env: { REDIS_URL: "", PATH: "/nowhere", TMPDIR: await tempDir() },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^No Redis server could be found or installed .*REDIS_URL.*\n$/);
});
