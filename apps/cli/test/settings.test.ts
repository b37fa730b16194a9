import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cli, documentsOf, startCli } from "./support/cli.ts";
import { EMPTY_QUEUE, fakeGateway } from "./support/fake-gateway.ts";
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
  [503, { error: { code: "SERVICE_UNAVAILABLE", message: "not ready" } }, 6],
  [200, { hello: "world" }, 6],
  [200, { errors: [{ message: "not you", extensions: { code: "FORBIDDEN" } }] }, 7],
  [200, { errors: [{ message: "away", extensions: { code: "SERVICE_UNAVAILABLE" } }] }, 6],
  [200, { errors: [{ message: "a bug", extensions: { code: "INTERNAL_SERVER_ERROR" } }] }, 1],
])("an answer of %i %j ends with its exit code", async (status, body, code) => {
  const { url } = await fakeGateway(status, body);
  expect(await cli(["queue"], { url })).toMatchObject({ code, stdout: "" });
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
