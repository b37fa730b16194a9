import { type Logger, pino } from "pino";
import { activeTraceId } from "./tracing.ts";

/** What may stand in a log line: ids, codes, counts and times. Everything else is dropped. */
const ALLOWED_FIELDS = [
  "address",
  "attempts",
  "bulkUpdateId",
  "clientRequestId",
  "code",
  "concurrency",
  "count",
  "delayMs",
  "durationMs",
  "etag",
  "kind",
  "method",
  "operation",
  "path",
  "problem",
  "ratePerSecond",
  "reason",
  "referralId",
  "requestId",
  "signal",
  "state",
  "status",
  "traceId",
  "updateId",
  "updateIds",
  "url",
  "warnings",
] as const;

/**
 * JSON lines on stdout, redacted by allow-list: a field that is not on the list does not get out. Give fields
 * with each line: pino hands the ones of a `child()` past the list.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: traceOfLine,
    formatters: {
      level: (label) => ({ level: label }),
      bindings: ({ pid }) => ({ name, pid }),
      log: onlyAllowed,
    },
  });
}

/** The trace a line belongs to, where there is one that is recorded. */
export function traceOfLine(): { traceId?: string } {
  const traceId = activeTraceId();
  return traceId === undefined ? {} : { traceId };
}

export function onlyAllowed(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of ALLOWED_FIELDS) {
    if (fields[name] !== undefined) {
      kept[name] = fields[name];
    }
  }
  const error = fields.error ?? fields.err;
  if (error !== undefined) {
    kept.error = describeError(error);
  }
  return kept;
}

/**
 * An error as far as it may be logged: its class, its code, and where it was thrown. The message of an error we did not
 * write can quote what it was given.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) {
    return { name: typeof error };
  }
  const { code } = error as { code?: unknown };
  // The stack begins with the message, which may have lines that look like places.
  const stack = error.stack
    ?.replace(error.message, "")
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 8);
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    ...(stack === undefined ? {} : { stack: stack.map((line) => line.trim()) }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
