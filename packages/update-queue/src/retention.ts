/** ms final updates and audit entries stay readable when nothing else is said: 30 days. */
export const DEFAULT_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

/** 24 hours, and one for retries that are late. */
const LEAST_IDEMPOTENCY_MS = 25 * 60 * 60 * 1000;

/** A retention in the whole ms Redis takes. */
export function wholeRetentionMs(retentionMs: number = DEFAULT_RETENTION_MS): number {
  return Math.max(1, Math.ceil(retentionMs));
}

/**
 * ms an idempotency key is kept once its update is final (while it is pending, the key has no end): as long
 * as the update can be read, and at least 25 hours.
 */
export function idempotencyLifetimeMs(retentionMs: number): number {
  return Math.max(retentionMs, LEAST_IDEMPOTENCY_MS);
}
