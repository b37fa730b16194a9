import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCommand } from "../src/run-command.ts";

const program = fileURLToPath(new URL("../src/ensure-main.ts", import.meta.url));

test("with REDIS_URL set it looks for nothing, and does not print the password in it", async () => {
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [program], {
    env: { REDIS_URL: "redis://:secret@redis.example:6379", PATH: "/nowhere" },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^Redis: REDIS_URL is set.*\n$/);
  expect(stdout).not.toContain("secret");
});

test("without it, it says in one line what it uses", async () => {
  const { exitCode, stdout } = await runCommand(process.execPath, [program], {
    env: { REDIS_URL: "" },
    timeoutMs: 600_000,
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Redis: .+\n$/);
});

test("when there is none, it fails with the one message", async () => {
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [program], {
    env: { REDIS_URL: "", PATH: "/nowhere" },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^No Redis server could be found or installed .*REDIS_URL.*\n$/);
});
