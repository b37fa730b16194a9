import { readFileSync } from "node:fs";
import { z } from "zod";

/** The process's environment, as handed in by the one reader of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown when settings are missing or wrong; the message is the whole readable list, without values. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(problems: readonly string[]) {
    super(`Settings that must be corrected:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
  }
}

/** What is wrong with settings taken together; the environment is given as it is, empty variables left out. */
export type SettingsCheck = (given: Environment) => string[];

/**
 * Checks the environment against a schema, and settings against each other. An empty variable counts as unset.
 * Throws {@link SettingsError} with everything that is wrong.
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
  checks: readonly SettingsCheck[] = [],
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map((issue) => {
    const name = issue.path.join(".") || "settings";
    return given[name] === undefined && issue.code === "invalid_type"
      ? `${name} is required`
      : `${name}: ${issue.message}`;
  });
  problems.push(...checks.flatMap((check) => check(given)));
  if (!parsed.success || problems.length > 0) {
    throw new SettingsError(problems);
  }
  return parsed.data;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|::1)$/i;

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

const httpsOrLoopback = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL", abort: true })
  .refine((url) => url.startsWith("https:") || isLoopback(new URL(url).hostname), {
    error: "must be https (http only for a loopback host)",
    abort: true,
  })
  .refine((url) => /^[^@?#]+$/.test(url), {
    error: "must not have credentials, a query or a fragment",
  });

const LEDGER_KEY_BYTES = 32;

/** One or more keys, comma-separated: the first seals, all of them open. */
const ledgerKeys = z
  .string()
  .transform((text) =>
    text.split(",").map((key) => new Uint8Array(Buffer.from(key.trim(), "base64"))),
  )
  .refine((keys) => keys.every((key) => key.length === LEDGER_KEY_BYTES), {
    error: "must be 32 bytes in base64 (several, newest first, separated by commas)",
  });

const LEAST_SECRET_BYTES = 24;
const WEBHOOK_SECRET_MARK = "whsec_";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** One or more, comma-separated, as Standard Webhooks spells them (the mark in front may be left out); all of them sign. */
const webhookSecrets = z
  .string()
  .transform((text) =>
    text.split(",").map((part) => {
      const secret = part.trim().replace(WEBHOOK_SECRET_MARK, "");
      return new Uint8Array(Buffer.from(BASE64.test(secret) ? secret : "", "base64"));
    }),
  )
  .refine((secrets) => secrets.every(({ length }) => length >= LEAST_SECRET_BYTES), {
    error: `must be at least ${LEAST_SECRET_BYTES} bytes in base64 (several separated by commas)`,
  });

const readableFile = z.string().transform((path, context) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    context.addIssue({ code: "custom", message: "is not a readable file" });
    return z.NEVER;
  }
});

/** Files and secret stores like to add a line break. */
const secret = z.string().trim().min(1);

/** Plain http is usual for a collector next door; what is sent to it holds no secrets and no content. */
const collector = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" });

const MS_PER_DAY = 24 * 60 * 60 * 1000;

/** What every process needs that touches the queue and the upstream; see docs/settings.md. */
export const serviceSettings = {
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must be a redis:// or rediss:// URL" }),
  ACCOUNT_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, '-' or '_'")
    .default("default"),
  PARTNER_CENTER_URL: httpsOrLoopback.default("https://api.partner.microsoft.com/v1.0"),
  PARTNER_CENTER_ACCESS_TOKEN: secret.optional(),
  ENTRA_TENANT_ID: z.string().min(1).optional(),
  ENTRA_CLIENT_ID: z.string().min(1).optional(),
  ENTRA_CLIENT_SECRET: secret.optional(),
  ENTRA_CLIENT_CERTIFICATE_PATH: readableFile.optional(),
  ENTRA_AUTHORITY: httpsOrLoopback.default("https://login.microsoftonline.com"),
  PARTNER_CENTER_REFRESH_TOKEN: secret.optional(),
  PARTNER_CENTER_RATE: z.coerce.number("must be a number").positive().max(10_000).default(5),
  PARTNER_CENTER_BURST: z.coerce.number("must be a number").int().min(1).max(10_000).default(1),
  PARTNER_CENTER_LEAST_RATE: z.coerce.number("must be a number").positive().max(10_000).optional(),
  PARTNER_CENTER_TIMEOUT_MS: z.coerce
    .number("must be a number")
    .int()
    .min(100)
    .max(600_000)
    .default(30_000),
  LEDGER_KEY: ledgerKeys.optional(),
  RETENTION_DAYS: z.coerce
    .number("must be a number")
    .positive()
    .max(3_650)
    .default(30)
    .transform((days) => days * MS_PER_DAY),
  CALLBACK_SECRET: webhookSecrets.optional(),
  CALLBACK_ALLOW_PRIVATE: z
    .enum(["true", "false"], "must be true or false")
    .default("false")
    .transform((text) => text === "true"),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_SDK_DISABLED: z
    .string()
    .optional()
    .transform((text) => text?.toLowerCase() === "true"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  NODE_ENV: z.string().optional(),
} as const;

const serviceSchema = z.object(serviceSettings);

export type ServiceSettings = z.output<typeof serviceSchema>;
