import { type Logger, pino } from "pino";
import { activeTraceId } from "./tracing.ts";

/**
 * What may stand in a log line: ids, codes, counts and times; in `problem` and `reason` a sentence of ours; in `url` our
 * own address. Everything else is dropped. No field is for a path, a value or a name that callers choose.
 */
const ALLOWED_FIELDS = [
  "attempts",
  "bulkUpdateId",
  "clientRequestId",
  "code",
  "concurrency",
  "count",
  "delayMs",
  "durationMs",
  "kind",
  "method",
  "operation",
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
] as const;

/** Longest text of a field, in characters. */
const LONGEST_TEXT = 512;
/** Most ids of a field. */
const MOST_ITEMS = 100;
/** Lines are written together, up to so many bytes and for so many ms: a write a line was a twentieth of a worker's time. */
const WRITTEN_TOGETHER_BYTES = 4_096;
const LONGEST_HELD_MS = 50;
const WITHHELD = "(withheld)";

/**
 * JSON lines on stdout, redacted by allow-list: a field that is not on the list does not get out. Give fields
 * with each line: pino hands the ones of a `child()` past the list. What is held is written when the process exits; `kill -9`
 * loses it.
 */
export function createLogger(name: string, level: string): Logger {
  const lines = pino.destination({ dest: 1, sync: false, minLength: WRITTEN_TOGETHER_BYTES });
  setInterval(() => lines.flush(), LONGEST_HELD_MS).unref();
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceOfLine,
      formatters: {
        level: (label) => ({ level: label }),
        bindings: ({ pid }) => ({ name, pid }),
        log: onlyAllowed,
      },
    },
    lines,
  );
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
      kept[name] = harmless(fields[name]);
    }
  }
  const error = fields.error ?? fields.err;
  if (error !== undefined) {
    kept.error = describeError(error);
  }
  return kept;
}

/**
 * What stands in a listed field all the same gets no further when it looks like a person: no id, code or sentence of
 * ours has an `@`. Objects are never logged.
 */
function harmless(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return value.includes("@") ? WITHHELD : value.slice(0, LONGEST_TEXT);
    case "number":
    case "boolean":
      return value;
    default:
      return Array.isArray(value)
        ? value
            .slice(0, MOST_ITEMS)
            .map((item) => (typeof item === "object" ? WITHHELD : harmless(item)))
        : WITHHELD;
  }
}

/** What services log with; pino's logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The same log; every line has these fields too. Made per request, so it costs next to nothing. */
export function withFields(log: Log, more: object): Log {
  return {
    info: (fields, message) => log.info({ ...fields, ...more }, message),
    warn: (fields, message) => log.warn({ ...fields, ...more }, message),
    error: (fields, message) => log.error({ ...fields, ...more }, message),
  };
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
    name: harmless(error.name),
    ...(typeof code === "string" ? { code: harmless(code) } : {}),
    ...(stack === undefined ? {} : { stack: stack.map((line) => line.trim()) }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
