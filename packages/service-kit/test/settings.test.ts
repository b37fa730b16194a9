import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Environment, isLoopback, readSettings, serviceSettings } from "../src/index.ts";

const schema = z.object(serviceSettings);
const least = { REDIS_URL: "redis://127.0.0.1:6379" };

function read(more: Environment = {}) {
  return readSettings(schema, { ...least, ...more });
}

/** The lines of the list a person would read. */
function problems(environment: Environment, of: z.ZodType = schema): string[] {
  try {
    readSettings(of, environment);
  } catch (error) {
    expect(error).toMatchObject({ name: "SettingsError" });
    return (error as Error).message.split("\n").slice(1);
  }
  throw new Error("the settings were accepted");
}

test("everything but REDIS_URL has a default or may be left out", () => {
  expect(read()).toEqual({
    REDIS_URL: "redis://127.0.0.1:6379",
    ACCOUNT_ID: "default",
    CALLBACK_ALLOW_PRIVATE: false,
    PARTNER_CENTER_URL: "https://api.partner.microsoft.com/v1.0",
    ENTRA_AUTHORITY: "https://login.microsoftonline.com",
    PARTNER_CENTER_RATE: 5,
    PARTNER_CENTER_BURST: 1,
    PARTNER_CENTER_TIMEOUT_MS: 30_000,
    RETENTION_DAYS: 30 * 24 * 60 * 60 * 1000,
    OTEL_SDK_DISABLED: false,
    LOG_LEVEL: "info",
  });
  expect(problems({})).toEqual(["  - REDIS_URL is required"]);
});

test("an empty variable counts as unset", () => {
  expect(read({ PARTNER_CENTER_RATE: "", ACCOUNT_ID: "", LEDGER_KEY: "" })).toEqual(read());
  expect(problems({ REDIS_URL: "" })).toEqual(["  - REDIS_URL is required"]);
});

test("texts become numbers, days and keys", () => {
  const newest = Buffer.alloc(32, 1);
  const older = Buffer.alloc(32, 2);
  const settings = read({
    PARTNER_CENTER_RATE: "2.5",
    RETENTION_DAYS: "2",
    LEDGER_KEY: `${newest.toString("base64")}, ${older.toString("base64")}`,
  });
  expect(settings.PARTNER_CENTER_RATE).toBe(2.5);
  expect(settings.RETENTION_DAYS).toBe(172_800_000);
  expect(settings.LEDGER_KEY?.map((key) => Buffer.from(key))).toEqual([newest, older]);
});

test("secrets of callbacks are read in either spelling, and short ones are refused", () => {
  const secrets = [Buffer.alloc(24, 1), Buffer.alloc(32, 2)];
  const [plain, marked] = secrets.map((secret) => secret.toString("base64"));
  const settings = read({
    CALLBACK_SECRET: `${plain}, whsec_${marked}`,
    CALLBACK_ALLOW_PRIVATE: "true",
  });
  expect(settings.CALLBACK_SECRET?.map((secret) => Buffer.from(secret))).toEqual(secrets);
  expect(settings.CALLBACK_ALLOW_PRIVATE).toBe(true);
  const short = Buffer.alloc(23).toString("base64");
  expect(
    problems({ ...least, CALLBACK_SECRET: `${plain},${short}`, CALLBACK_ALLOW_PRIVATE: "yes" }),
  ).toEqual([
    "  - CALLBACK_SECRET: must be at least 24 bytes in base64 (several separated by commas)",
    "  - CALLBACK_ALLOW_PRIVATE: must be true or false",
  ]);
  expect(
    problems({ ...least, CALLBACK_SECRET: "no base64, but long enough to be one" }),
  ).toHaveLength(1);
});

test("says everything that is wrong at once, one line each, never a value", () => {
  const canary = "cAnArY-s3cret";
  const lines = problems({
    REDIS_URL: `http://user:${canary}@redis`,
    ACCOUNT_ID: `a b ${canary}`,
    PARTNER_CENTER_URL: `no url ${canary}`,
    ENTRA_AUTHORITY: `http://${canary}.example`,
    ENTRA_CLIENT_CERTIFICATE_PATH: `/nowhere/${canary}`,
    PARTNER_CENTER_RATE: canary,
    PARTNER_CENTER_BURST: "1.5",
    PARTNER_CENTER_TIMEOUT_MS: "1",
    LEDGER_KEY: Buffer.from(canary).toString("base64"),
    RETENTION_DAYS: "-1",
    LOG_LEVEL: canary,
    PARTNER_CENTER_ACCESS_TOKEN: canary,
  });
  expect(lines.map((line) => /^ {2}- (\w+)[: ]/.exec(line)?.[1]).sort()).toEqual([
    "ACCOUNT_ID",
    "ENTRA_AUTHORITY",
    "ENTRA_CLIENT_CERTIFICATE_PATH",
    "LEDGER_KEY",
    "LOG_LEVEL",
    "PARTNER_CENTER_BURST",
    "PARTNER_CENTER_RATE",
    "PARTNER_CENTER_TIMEOUT_MS",
    "PARTNER_CENTER_URL",
    "REDIS_URL",
    "RETENTION_DAYS",
  ]);
  expect(lines.join("\n")).not.toMatch(new RegExp(canary, "i"));
  expect(lines.join("\n")).not.toContain(Buffer.from(canary).toString("base64"));
});

describe("the upstream's address", () => {
  test.each([
    "https://api.partner.microsoft.com/v1.0",
    "http://127.0.0.1:4010/v1.0",
    "http://localhost:4010",
    "http://[::1]:4010",
  ])("%s is accepted", (url) => {
    expect(read({ PARTNER_CENTER_URL: url }).PARTNER_CENTER_URL).toBe(url);
  });

  test.each([
    ["http://partner.example/v1.0", "must be https (http only for a loopback host)"],
    ["http://127.0.0.1.evil.example", "must be https (http only for a loopback host)"],
    ["ftp://api.partner.microsoft.com", "must be an http(s) URL"],
    ["api.partner.microsoft.com", "must be an http(s) URL"],
    ["https://me:pw@partner.example", "must not have credentials, a query or a fragment"],
    ["http://", "must be an http(s) URL"],
  ])("%s is refused", (url, why) => {
    const lines = problems({ ...least, PARTNER_CENTER_URL: url });
    expect(lines).toEqual([`  - PARTNER_CENTER_URL: ${why}`]);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["LOCALHOST", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["localhost.example.com", false],
  ["192.168.0.1", false],
])("%s: only reachable from this machine? %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
