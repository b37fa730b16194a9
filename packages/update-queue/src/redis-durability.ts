import type { Redis } from "ioredis";

/** Settings without which "accepted means durable" does not hold, and the value each must have. */
const REQUIRED = {
  appendonly: "yes",
  appendfsync: "always",
  "maxmemory-policy": "noeviction",
} as const;

/**
 * What of Redis' settings breaks the promise of durability, one sentence each; empty when all is well.
 * Managed Redis often forbids CONFIG: then one sentence says that it could not be checked.
 */
export async function durabilityWarnings(redis: Redis): Promise<string[]> {
  const warnings: string[] = [];
  for (const [name, wanted] of Object.entries(REQUIRED)) {
    let found: unknown;
    try {
      found = await redis.config("GET", name);
    } catch (error) {
      if (error instanceof Error && error.name === "ReplyError") {
        return [
          "Redis does not let its durability settings be read (CONFIG GET); check them by hand",
        ];
      }
      throw error;
    }
    const value = Array.isArray(found)
      ? found[1]
      : (found as Record<string, unknown> | null)?.[name];
    if (value !== wanted) {
      warnings.push(
        `Redis has ${name} ${String(value)}; it must be ${wanted}, or accepted updates can be lost`,
      );
    }
  }
  return warnings;
}
