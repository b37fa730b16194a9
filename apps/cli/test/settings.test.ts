import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cli, documentsOf, startCli } from "./support/cli.ts";
import { EMPTY_QUEUE, fakeGateway, gatewayThatWants } from "./support/fake-gateway.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}

test("flags win over the environment, the environment over the config file here, that over the user's", async () => {
  const { url, requests } = await fakeGateway(200, EMPTY_QUEUE);
  const dead = await deadUrl();
  const directory = await temporaryDirectory();
  const home = await temporaryDirectory();
  const userFile = { XDG_CONFIG_HOME: home };
  await mkdir(join(home, "patchlane"));
  await writeFile(join(home, "patchlane", "config.json"), JSON.stringify({ url, token: "user" }));
  const here = (content: unknown) =>
    writeFile(join(directory, "patchlane.config.json"), JSON.stringify(content));
  const run = (args: string[], environment: Record<string, string>) =>
    cli(["queue", ...args], { directory, environment: { ...userFile, ...environment } });

  expect(await run([], {})).toMatchObject({ code: 0 });
  await here({ url: dead });
  expect(await run([], {})).toMatchObject({
    code: 6,
    stderr: expect.stringContaining(`the config file ${join(directory, "patchlane.config.json")}`),
  });
  expect(await run([], { PATCHLANE_URL: url, PATCHLANE_TOKEN: "environment" })).toMatchObject({
    code: 0,
  });
  await here({ url, token: "here" });
  expect(await run([], {})).toMatchObject({ code: 0 });
  await writeFile(join(directory, "token"), "file\n");
  expect(await run(["--token-file", "token"], { PATCHLANE_TOKEN: "environment" })).toMatchObject({
    code: 0,
  });
  // A file in the user's own place is not mixed into the one here: its token is for another gateway.
  await here({ url });
  expect(await run([], {})).toMatchObject({ code: 0 });
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer user",
    "Bearer environment",
    "Bearer here",
    "Bearer file",
    undefined,
  ]);
});

test("no gateway: 6, the URL, where it comes from, and how to set it", async () => {
  const url = await deadUrl();
  const ended = await cli(["queue", "--json"], { url });
  expect(ended.code).toBe(6);
  expect(ended.stderr).toContain(`no gateway at ${url} (ECONNREFUSED)`);
  expect(ended.stderr).toContain("The URL comes from PATCHLANE_URL. Set it with --url");
  expect(documentsOf(ended)).toMatchObject([{ error: { code: "UNREACHABLE", exitCode: 6, url } }]);
});

test.each([
  [401, { error: { code: "UNAUTHENTICATED", message: "the token has expired" } }, 7],
  [401, {}, 7],
  [403, { error: { code: "FORBIDDEN", message: "your role does not allow this" } }, 7],
  [429, { errors: [{ message: "slower", extensions: { code: "RATE_LIMITED" } }] }, 6],
  [200, { errors: [{ message: "who", extensions: { code: "UNAUTHENTICATED" } }] }, 7],
  [503, { error: { code: "SERVICE_UNAVAILABLE", message: "not ready" } }, 6],
  [200, { hello: "world" }, 6],
  [200, { errors: [{ message: "not you", extensions: { code: "FORBIDDEN" } }] }, 7],
  [200, { errors: [{ message: "away", extensions: { code: "SERVICE_UNAVAILABLE" } }] }, 6],
  [200, { errors: [{ message: "a bug", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }, 1],
])("an answer of %i %j ends with its exit code", async (status, body, code) => {
  const { url } = await fakeGateway(status, body);
  expect(await cli(["queue"], { url })).toMatchObject({ code, stdout: "" });
});

test("denied and too fast are said in words, with what to do", async () => {
  const denied = await fakeGateway(401, { error: { code: "UNAUTHENTICATED", message: "expired" } });
  const unsigned = await cli(["queue"], { url: denied.url });
  expect(unsigned.stderr).toContain("not signed in: expired\nNo token was sent. Set one with");
  const forbidden = await fakeGateway(403, { error: { code: "FORBIDDEN", message: "your role" } });
  const reader = await cli(["queue"], {
    url: forbidden.url,
    environment: { PATCHLANE_TOKEN: "secret" },
  });
  expect(reader.stderr).toContain("not allowed: your role\nThe token came from PATCHLANE_TOKEN.");
  const limited = await fakeGateway(429, {}, { "retry-after": "7" });
  const ended = await cli(["queue", "--json"], { url: limited.url });
  expect(ended.stderr).toContain("Try again in 7 s.");
  expect(documentsOf(ended)).toMatchObject([
    { error: { code: "RATE_LIMITED", exitCode: 6, retryAfterMs: 7_000 } },
  ]);
});

test("a token command is run when a token is needed, and again when it is refused", async () => {
  const directory = await temporaryDirectory();
  const { url, requests } = await gatewayThatWants("Bearer token-2", EMPTY_QUEUE);
  // Prints another token each time it runs.
  const command = "echo run >> runs; echo token-$(wc -l < runs | tr -d ' ')";
  const ended = await cli(["queue", "--token-command", command], { url, directory });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer token-1",
    "Bearer token-2",
  ]);
});

test("a token file is read again when its token is refused", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "token");
  await writeFile(file, "old");
  const { url, requests } = await gatewayThatWants("Bearer new", EMPTY_QUEUE, () =>
    writeFile(file, "new"),
  );
  const environment = { PATCHLANE_TOKEN_FILE: file };
  expect(await cli(["queue"], { url, environment })).toMatchObject({ code: 0 });
  expect(requests).toHaveLength(2);
});

test.each([
  ["exit 3", "ended with exit code 3"],
  ["echo", "must print one token and nothing else"],
  ["echo secret-1 secret-2", "must print one token and nothing else"],
  ["echo secret-1; no-such-program-at-all", "ended with exit code 127"],
])("the token command %j: 2, and nothing was sent", async (command, words) => {
  const { url, requests } = await fakeGateway(200, EMPTY_QUEUE);
  const environment = { PATCHLANE_TOKEN_COMMAND: command };
  const { code, stdout, stderr } = await cli(["queue"], { url, environment });
  expect(stderr).toContain(words);
  expect({ code, stdout, sent: requests.length }).toEqual({ code: 2, stdout: "", sent: 0 });
  expect(stderr).not.toContain("secret");
});

test("a command in a config file that just lies there is not run", async () => {
  const directory = await temporaryDirectory();
  const home = await temporaryDirectory();
  const { url, requests } = await fakeGateway(200, EMPTY_QUEUE);
  const config = JSON.stringify({ url, tokenCommand: "touch was-run; echo token-1" });
  await writeFile(join(directory, "patchlane.config.json"), config);
  const lying = await cli(["queue"], { directory });
  expect(lying).toMatchObject({ code: 2, stderr: expect.stringContaining("--config") });
  expect(await readdir(directory)).toEqual(["patchlane.config.json"]);
  // Named, or in the user's own place, it is meant.
  await mkdir(join(home, "patchlane"));
  await writeFile(join(home, "patchlane", "config.json"), config);
  const named = ["queue", "--config", join(directory, "patchlane.config.json")];
  expect(await cli(named, { directory })).toMatchObject({ code: 0 });
  const own = { directory: home, environment: { XDG_CONFIG_HOME: home } };
  expect(await cli(["queue"], own)).toMatchObject({ code: 0 });
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer token-1",
    "Bearer token-1",
  ]);
});

test("a config file that just lies there gets no token that was not given for it", async () => {
  const directory = await temporaryDirectory();
  const elsewhere = await temporaryDirectory();
  await writeFile(join(elsewhere, "vault-token"), "secret\n");
  await symlink(join(elsewhere, "vault-token"), join(directory, "inside"));
  const url = "https://gateway.invalid";
  const run = async (content: object, args: string[], environment: Record<string, string> = {}) => {
    await writeFile(join(directory, "patchlane.config.json"), JSON.stringify(content));
    return cli(["queue", ...args], { directory, environment });
  };
  const fromEnvironment = { PATCHLANE_TOKEN: "secret" };
  const refused = await run({ url }, [], fromEnvironment);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/PATCHLANE_TOKEN is not sent to .*--config/s),
  });
  const command = { PATCHLANE_TOKEN_COMMAND: "touch was-run; echo secret" };
  expect(await run({ url }, [], command)).toMatchObject({ code: 2 });
  expect(await readdir(directory)).not.toContain("was-run");
  for (const tokenFile of [join(elsewhere, "vault-token"), "inside"]) {
    expect(await run({ url, tokenFile }, [])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("leads out of its folder"),
    });
  }
  // Whoever names the file, the gateway or the token means it; here it only cannot be reached.
  const named = ["--config", join(directory, "patchlane.config.json")];
  expect(await run({ url }, named, fromEnvironment)).toMatchObject({ code: 6 });
  expect(await run({ url }, ["--url", url], fromEnvironment)).toMatchObject({ code: 6 });
  expect(await run({ url }, ["--token", "given"])).toMatchObject({ code: 6 });
  expect(await run({ url, token: "own" }, [])).toMatchObject({ code: 6 });
  await writeFile(join(directory, "token"), "own\n");
  expect(await run({ url, tokenFile: "token" }, [])).toMatchObject({ code: 6 });
  const here = await fakeGateway(200, EMPTY_QUEUE);
  expect(await run({ url: here.url }, [], fromEnvironment)).toMatchObject({ code: 0 });
});

test("a token is never printed", async () => {
  const { url } = await fakeGateway(401, { error: { code: "UNAUTHENTICATED", message: "no" } });
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "patchlane.config.json"), '{"token": "secret-1", oops');
  const runs = [
    await cli(["queue"], { url, directory }),
    await cli(["queue", "--token", "secret-2"], { url }),
    await cli(["queue", "--json"], { url, environment: { PATCHLANE_TOKEN: "secret-3" } }),
    await cli(["queue"], { environment: { PATCHLANE_URL: "http://me:secret-4@127.0.0.1:1" } }),
  ];
  expect(runs.map(({ code }) => code)).toEqual([2, 7, 7, 2]);
  expect(runs.map(({ stdout, stderr }) => stdout + stderr).join("")).not.toContain("secret");
});

test("Ctrl-C does not wait for a gateway that hangs", async () => {
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  const server = createServer((request) => {
    request.resume();
    asked();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { child, ended } = startCli(["update", "r-1", "--set", "name=x"], { url });
  await isAsked;
  child.kill("SIGINT");
  expect(await ended).toMatchObject({
    code: 130,
    stdout: "",
    stderr: "Interrupted before the answer: it may have been accepted.\n",
  });
});
