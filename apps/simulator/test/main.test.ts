import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readArguments } from "../src/arguments.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test.each(["SIGTERM", "SIGINT"] as const)(
  "says one line when ready, stops on %s",
  async (signal) => {
    const child = spawn(
      process.execPath,
      [MAIN, "--port", "0", "--referrals", "7", "--seed", "2"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const exited = once(child, "exit");
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout });
    output.on("line", (line) => lines.push(line));
    await once(output, "line");
    const ready = JSON.parse(lines[0] ?? "");
    expect(ready).toMatchObject({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\.0$/),
      controlUrl: expect.stringMatching(/\/_simulator$/),
      tokenUrl: expect.stringMatching(/\/\{tenant\}\/oauth2\/v2\.0\/token$/),
      referrals: 7,
    });
    const state = await fetch(`${ready.controlUrl}/state`);
    expect(await state.json()).toMatchObject({ referrals: 7, limits: { rate: 20, burst: 1 } });
    child.kill(signal);
    expect(await exited).toEqual([0, null]);
    expect(lines).toHaveLength(1);
  },
);

test("a wrong argument ends it with a reason", async () => {
  const child = spawn(process.execPath, [MAIN, "--limiter", "leaky"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  expect(await once(child, "close")).toEqual([1, null]);
  expect(said).toContain("--limiter must be one of");
});

test("all options can be given", () => {
  const args =
    "--port 8080 --host ::1 --referrals 9 --seed 3 --rate 2.5 --write-rate 1 --burst 4 " +
    "--limiter sliding-window --retry-after date --penalty off --base-path /v2 --token t " +
    "--refresh-token r --access-token-seconds 60 --honour-request-id --log-bodies off --log-capacity 10";
  expect(readArguments(args.split(" "))).toEqual({
    port: 8080,
    host: "::1",
    referrals: 9,
    seed: 3,
    rate: 2.5,
    writeRate: 1,
    burst: 4,
    limiter: "sliding-window",
    retryAfter: "date",
    penaltyMs: 0,
    basePath: "/v2",
    token: "t",
    refreshToken: "r",
    accessTokenSeconds: 60,
    honourRequestId: true,
    logBodies: false,
    logCapacity: 10,
  });
  expect(() => readArguments(["--rate", "fast"])).toThrow("--rate must be a number");
  expect(() => readArguments(["--speed", "1"])).toThrow("--speed");
});
