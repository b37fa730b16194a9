import type { Redis } from "ioredis";
import { RedisWritingTogether } from "./redis-writing-together.ts";

/**
 * How a connection behaves while Redis is away.
 * - `fail-fast`: commands are refused at once and never sent later; for processes with a caller waiting.
 * - `patient`: commands wait until Redis is back; for workers, which have nothing better to do.
 * - `subscriber`: patient; who subscribes does so at every `ready`.
 */
export type ConnectionRole = "fail-fast" | "patient" | "subscriber";

/** ms a fail-fast command may take; a caller must have its typed answer within two seconds. */
export const FAIL_FAST_COMMAND_TIMEOUT_MS = 1_500;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_RECONNECT_WAIT_MS = 500;

/** Opens one connection in the background; errors go to `onError` and are followed by reconnects for ever. */
export function connectRedis(
  url: string,
  role: ConnectionRole,
  onError: (error: Error) => void,
): Redis {
  const Connection = RedisWritingTogether;
  const redis = new Connection(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(25 * 2 ** Math.min(times, 5), LONGEST_RECONNECT_WAIT_MS),
    ...(role === "fail-fast"
      ? {
          enableOfflineQueue: false,
          autoResendUnfulfilledCommands: false,
          maxRetriesPerRequest: 0,
          commandTimeout: FAIL_FAST_COMMAND_TIMEOUT_MS,
        }
      : {
          maxRetriesPerRequest: null,
          autoResubscribe: false,
        }),
  });
  redis.on("error", onError);
  return redis;
}

/** Waits for a connection that is being opened, at most `timeoutMs`; answers whether it is there. */
export function untilConnected(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === "ready") {
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const end = (isConnected: boolean): void => {
      clearTimeout(timer);
      redis.removeListener("ready", onReady);
      resolve(isConnected);
    };
    const onReady = (): void => end(true);
    const timer = setTimeout(() => end(false), timeoutMs);
    redis.once("ready", onReady);
  });
}

/** Whether an error says that Redis cannot be reached or does not answer; for telling callers so. */
export function isRedisTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  return (
    error.name === "MaxRetriesPerRequestError" ||
    error.name === "LaneJobsTimeoutError" ||
    (error.name === "AbortError" && "command" in error) ||
    /^(Connection is closed|Command timed out|Stream isn't writeable)/.test(error.message) ||
    /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF) /.test(error.message)
  );
}

/** Ends a connection for good, politely when Redis answers and at once when it does not. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status !== "ready") {
    redis.disconnect();
    return;
  }
  await Promise.race([
    redis.quit().catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
  ]);
  redis.disconnect();
}
