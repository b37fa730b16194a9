import { parseArgs } from "node:util";
import type { SimulatorOptions } from "./options.ts";

/** Usage, printed by `--help`. */
export const USAGE = `Usage: node dist/main.js [options]

  --port N                 default 0: a free port
  --host HOST              default 127.0.0.1
  --referrals N            referrals to begin with, default 500
  --external-ids PREFIX    what each externalReferenceId begins with, default CRM- (CRM-000001 …); none: null
  --seed N                 seed of data and random decisions, default 1
  --rate N                 requests per second of an account, default 20
  --write-rate N           a limit of their own for writes
  --burst N                requests at once (token bucket), default 1
  --limiter KIND           token-bucket (default) | sliding-window | none
  --retry-after FORM       seconds (default) | date | absent
  --penalty MS             refuse everything this long after a 429: ms, on (1000) or off (0)
  --base-path PATH         default /v1.0
  --token TOKEN            bearer token that never expires, default simulator-token
  --refresh-token TOKEN    default simulator-refresh-token
  --access-token-seconds N life of access tokens given out, default 3600
  --honour-request-id      answer a repeated request-id from memory
  --log-bodies on|off      keep request bodies in the log, default on
  --log-capacity N         requests the log holds, default 200000
  --help
`;

/** Reads the command line. Throws Error (or TypeError) with a readable message. */
export function readArguments(args: readonly string[]): SimulatorOptions | "help" {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      port: text,
      host: text,
      referrals: text,
      "external-ids": text,
      seed: text,
      rate: text,
      "write-rate": text,
      burst: text,
      limiter: text,
      "retry-after": text,
      penalty: text,
      "base-path": text,
      token: text,
      "refresh-token": text,
      "access-token-seconds": text,
      "honour-request-id": { type: "boolean" },
      "log-bodies": text,
      "log-capacity": text,
      help: { type: "boolean" },
    },
  });
  if (values.help) return "help";
  const number = (name: keyof typeof values): number | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value.trim() === "" || !Number.isFinite(Number(value))) {
      throw new Error(`--${name} must be a number, not '${value}'`);
    }
    return Number(value);
  };
  const choice = <T extends string>(name: keyof typeof values, choices: readonly T[]) => {
    const value = values[name];
    const found = choices.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) {
      throw new Error(`--${name} must be one of ${choices.join(", ")}, not '${value}'`);
    }
    return found;
  };
  const penalty = values.penalty;
  const penaltyMs =
    penalty === "on" || penalty === "off" ? (penalty === "on" ? 1000 : 0) : number("penalty");
  return {
    port: number("port"),
    host: values.host,
    referrals: number("referrals"),
    externalIds: values["external-ids"],
    seed: number("seed"),
    rate: number("rate"),
    writeRate: number("write-rate"),
    burst: number("burst"),
    limiter: choice("limiter", ["token-bucket", "sliding-window", "none"]),
    retryAfter: choice("retry-after", ["seconds", "date", "absent"]),
    penaltyMs,
    basePath: values["base-path"],
    token: values.token,
    refreshToken: values["refresh-token"],
    accessTokenSeconds: number("access-token-seconds"),
    honourRequestId: values["honour-request-id"],
    logBodies: choice("log-bodies", ["on", "off"]) !== "off",
    logCapacity: number("log-capacity"),
  };
}
