/** One way of getting a Redis server that was looked at, and why it did not work out. */
export interface FailedWay {
  way: "PATH" | "apt-get" | "brew" | "Docker";
  reason: string;
}

const WHAT_TO_DO =
  "Do one of these: put redis-server or valkey-server (6.2 or newer) on PATH; " +
  "let this command install it (apt-get as root or with password-free sudo, or Homebrew on macOS); " +
  "start Docker; or set REDIS_URL to a Redis that is already running.";

/**
 * Thrown when there is no Redis server on PATH, none could be installed without asking, and no
 * Docker engine answers. The message says what was tried and what to do; `ways` has it as data.
 */
export class LocalRedisUnavailableError extends Error {
  readonly ways: readonly FailedWay[];

  constructor(ways: readonly FailedWay[]) {
    const tried = ways.map(({ way, reason }) => `${way}: ${reason}`).join("; ");
    super(`No Redis server could be found or installed (${tried}). ${WHAT_TO_DO}`);
    this.name = "LocalRedisUnavailableError";
    this.ways = ways;
  }
}

/**
 * Thrown when a server was found but did not come up: it exited (the message has the end of what
 * it said), or did not answer in time. A missing server is `LocalRedisUnavailableError` instead.
 */
export class LocalRedisStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LocalRedisStartError";
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
