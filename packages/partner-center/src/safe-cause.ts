/** Codes and names are identifiers; anything else may be somebody's data. */
const identifier = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * A copy of a low-level error that is safe to log: its name, `code` and `syscall`, nothing else.
 * Parser errors quote the answer they choked on, TLS errors carry the whole certificate, and an abort reason
 * is whatever the caller put there.
 */
export function safeCause(error: unknown): Error & { code?: string; syscall?: string } {
  const name = (error instanceof Error && asIdentifier(error.name)) || "Error";
  const code = codeOf(error);
  const syscall = asIdentifier(property(error, "syscall"));
  const safe = new Error([syscall, code].filter(Boolean).join(" ") || "no code");
  safe.name = name;
  return Object.assign(safe, code && { code }, syscall && { syscall });
}

/** The `code` of an error (of its first part, for the several addresses of one host), if it is an identifier. */
export function codeOf(error: unknown): string | undefined {
  const own = asIdentifier(property(error, "code"));
  if (own !== undefined) return own;
  const parts = property(error, "errors");
  return Array.isArray(parts) ? asIdentifier(property(parts[0], "code")) : undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function asIdentifier(value: unknown): string | undefined {
  return typeof value === "string" && identifier.test(value) ? value : undefined;
}
