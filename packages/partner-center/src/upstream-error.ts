/** What an error body says. */
export interface UpstreamError {
  /** The most specific code that is understood, else the outermost. */
  code: string | undefined;
  /** The explanation that goes with it; may quote personal data. */
  message: string | undefined;
}

/** Codes that mean something to us. Source: "Partner API REST error codes"; the misspelling is the vendor's. */
const understoodCodes: ReadonlySet<string> = new Set([
  "invalidRequest",
  "unauthenticated",
  "accessDenied",
  "itemNotFound",
  "preconditionFailed",
  "resourceModified",
  "generalException",
  "serviceNotAvailable",
  "insufficent_claims",
  "insufficient_claims",
]);

/** Nesting deeper than this is not looked at. */
const MAX_INNER_ERRORS = 16;

/** The vendor's documented bound, in characters. */
const MAX_MESSAGE_LENGTH = 1024;

/** Codes end up in messages and logs, so only identifiers pass. */
const identifier = /^[A-Za-z0-9_.-]{1,64}$/;

/** Reads `{ error: { code, message, innerError: { … } } }`. Whatever else the body is, nothing is thrown. */
export function readUpstreamError(body: unknown): UpstreamError {
  const outermost = asRecord(asRecord(body)?.error) ?? asRecord(body);
  let specific: UpstreamError = {
    code: codeOf(outermost),
    message: messageOf(outermost),
  };
  const outerMessage = specific.message;
  let level = inner(outermost);
  for (let depth = 0; level !== undefined && depth < MAX_INNER_ERRORS; depth++) {
    const code = codeOf(level);
    if (code !== undefined && understoodCodes.has(code)) {
      specific = { code, message: messageOf(level) ?? outerMessage };
    }
    level = inner(level);
  }
  return specific;
}

function inner(level: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return asRecord(level?.innerError ?? level?.innererror);
}

function codeOf(level: Record<string, unknown> | undefined): string | undefined {
  const code = typeof level?.code === "number" ? String(level.code) : level?.code;
  return typeof code === "string" && identifier.test(code) ? code : undefined;
}

function messageOf(level: Record<string, unknown> | undefined): string | undefined {
  const message = level?.message;
  return typeof message === "string" && message !== ""
    ? message.slice(0, MAX_MESSAGE_LENGTH)
    : undefined;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
