import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appEntry, startChild } from "@patchlane/local-stack";
import { expect, test } from "vitest";
import { blocksOf, readPage, WORKSPACE } from "./support/markdown.ts";

const SCHEMAS = [
  "packages/service-kit/src/settings.ts",
  "apps/gateway/src/env.ts",
  "apps/gateway/src/sign-in/sign-in-settings.ts",
  "apps/worker/src/env.ts",
];

/** Every setting that a service takes. */
const settings = SCHEMAS.flatMap((path) => [
  ...readFileSync(join(WORKSPACE, path), "utf8").matchAll(/^ {2}([A-Z][A-Z_]+): /gm),
]).map(([, name = ""]) => name);

test("every setting is documented", async () => {
  const page = `${await readPage("docs/settings.md")} ${await readPage("docs/tracing.md")}`;
  expect(settings.length).toBeGreaterThan(30);
  expect(settings.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("containers are handed every setting", async () => {
  const compose = await readPage("docker-compose.yml");
  expect(settings.filter((name) => !new RegExp(`^ +${name}:`, "m").test(compose))).toEqual([]);
});

/** Settings as pages show them: `ini` blocks, and the file `.env` for containers. */
const shown = [
  ...blocksOf("docs/production.md", await readPage("docs/production.md"))
    .filter(({ language }) => language === "ini")
    .map(({ at, text }) => ({ at, text })),
  ...[...(await readPage("docs/docker.md")).matchAll(/(?:^ {4}[A-Z_]+=.*\n)+/gm)].map(([text]) => ({
    at: "docs/docker.md",
    text,
  })),
];

test("there are settings to try", () => {
  expect(shown.length).toBeGreaterThan(2);
});

test.each(shown)("a gateway starts with the settings of $at", async ({ text }) => {
  const given = [...text.matchAll(/^ *([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
    name,
    name === "LEDGER_KEY"
      ? Buffer.alloc(32, 1).toString("base64")
      : value.replace(/<[^>]*>/g, "some-id"),
  ]);
  const { service } = await startChild({
    name: "gateway",
    nodeArguments: appEntry("gateway", "source"),
    environment: {
      REDIS_URL: "redis://127.0.0.1:1", // it starts without
      PARTNER_CENTER_ACCESS_TOKEN: "any",
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: "0",
      ...Object.fromEntries(given),
    },
    isReady: (line) => line.msg === "gateway ready",
  });
  await service.stop();
});
