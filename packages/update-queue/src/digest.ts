import { createHash } from "node:crypto";

/** Names a caller's idempotency key; per caller, so that nobody meets another's by guessing a key. */
export function digestOf(parts: readonly string[]): string {
  return sha256(JSON.stringify(parts));
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
