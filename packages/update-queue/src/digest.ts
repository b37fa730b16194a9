import { createHash } from "node:crypto";

/** Names a caller's idempotency key; per caller, so that nobody meets another's by guessing a key. */
export function digestOf(parts: readonly string[]): string {
  return sha256(JSON.stringify(parts));
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** JSON with sorted member names: the same input spelled in another order is the same input. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
