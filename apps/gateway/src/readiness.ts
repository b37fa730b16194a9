import { connect } from "node:net";
import { inTime } from "./in-time.ts";
import type { Services } from "./services.ts";

/** One thing the gateway needs, and whether it is there. */
export interface Check {
  readonly status: "ok" | "failing";
  readonly reason?: string;
}

export interface Readiness {
  /** `degraded`: updates are accepted and kept, but something keeps them from being sent or is not safe. */
  readonly status: "ready" | "degraded" | "unavailable";
  readonly checks: {
    readonly redis: Check;
    readonly durability: Check;
    readonly signIn: Check;
    readonly upstream: Check;
    /** Whether anybody is there who sends. */
    readonly workers: Check;
    /** Whether callers' tokens can be checked. */
    readonly tokens: Check;
  };
}

/** ms a check may take. */
const CHECK_TIMEOUT_MS = 1_000;
/** ms for which the answers of the slow checks are kept. */
const KEEP_MS = 2_000;
/** The same of the whole: whoever asks needs no token, and each look is a durable write. */
const KEEP_WHOLE_MS = 100;

/** ms without any worker that are taken for a restart. */
const WORKERS_MISSED_AFTER_MS = 30_000;

const OK: Check = { status: "ok" };
const UNKNOWN: Check = { status: "failing", reason: "cannot be told without Redis" };

function failing(reason: string): Check {
  return { status: "failing", reason };
}

/**
 * Answers what the gateway can do right now. Reaching the upstream is tried with a bare TCP connection,
 * which costs no quota.
 */
export function readinessOf(
  services: Services,
  upstreamUrl: string,
  canCheckTokens: () => boolean = () => true,
): () => Promise<Readiness> {
  const upstream = kept(KEEP_MS, () => reachable(new URL(upstreamUrl)));
  const durability = kept(KEEP_MS, () => durabilityOf(services));
  return kept(KEEP_WHOLE_MS, async () => {
    const [redis, upstreamCheck] = await Promise.all([writeToRedis(services), upstream()]);
    const isUp = redis.status === "ok";
    const checks = {
      redis,
      durability: isUp ? await durability() : UNKNOWN,
      ...(isUp
        ? await accountChecks(services, upstreamCheck)
        : { signIn: UNKNOWN, upstream: upstreamCheck }),
      workers: isUp ? await workersCheck(services) : UNKNOWN,
      tokens: canCheckTokens() ? OK : failing("the issuer's keys cannot be had: nobody is let in"),
    };
    const isAllWell = Object.values(checks).every(({ status }) => status === "ok");
    const isOfUse = isUp && checks.tokens.status === "ok";
    return { status: isOfUse ? (isAllWell ? "ready" : "degraded") : "unavailable", checks };
  });
}

async function writeToRedis({ queue }: Services): Promise<Check> {
  try {
    await inTime(queue.checkWritable(), CHECK_TIMEOUT_MS);
    return OK;
  } catch {
    return failing("Redis does not take writes: updates cannot be accepted");
  }
}

async function durabilityOf({ queue }: Services): Promise<Check> {
  try {
    const warnings = await inTime(queue.durabilityWarnings(), CHECK_TIMEOUT_MS);
    return warnings.length === 0 ? OK : failing(warnings.join("; "));
  } catch {
    return failing("Redis' durability settings could not be read");
  }
}

async function accountChecks(
  { queue }: Services,
  upstream: Check,
): Promise<{ signIn: Check; upstream: Check }> {
  try {
    const { pausedReason, isDown } = await inTime(queue.account.get(), CHECK_TIMEOUT_MS);
    return {
      signIn: pausedReason === undefined ? OK : failing(`account paused: ${pausedReason}`),
      upstream:
        upstream.status === "ok" && isDown ? failing("Partner Center keeps failing") : upstream,
    };
  } catch {
    return { signIn: UNKNOWN, upstream };
  }
}

/** Missed also while nothing waits: the first update would. */
async function workersCheck({ queue }: Services): Promise<Check> {
  try {
    const { lastSeenMsAgo } = await inTime(queue.workers.read(), CHECK_TIMEOUT_MS);
    if (lastSeenMsAgo === undefined) {
      return failing("no worker is running: updates are accepted and kept, nothing is sent");
    }
    return lastSeenMsAgo < WORKERS_MISSED_AFTER_MS
      ? OK
      : failing(
          `no sign of a worker for ${Math.round(lastSeenMsAgo / 1_000)} s: updates are accepted and kept, nothing is sent`,
        );
  } catch {
    return UNKNOWN;
  }
}

function reachable(url: URL): Promise<Check> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const socket = connect({ host, port, timeout: CHECK_TIMEOUT_MS });
    const end = (check: Check): void => {
      socket.destroy();
      resolve(check);
    };
    socket.once("connect", () => end(OK));
    socket.once("timeout", () =>
      end(failing("Partner Center cannot be reached: connection timed out")),
    );
    socket.once("error", (error: NodeJS.ErrnoException) =>
      end(failing(`Partner Center cannot be reached: ${error.code ?? "connection failed"}`)),
    );
  });
}

/** Shares one look, which must not reject, among everybody who asks within `keepMs`. */
function kept<Seen>(keepMs: number, look: () => Promise<Seen>): () => Promise<Seen> {
  let latest: Promise<Seen> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (latest === undefined || performance.now() - lookedAt > keepMs) {
      lookedAt = performance.now();
      latest = look();
    }
    return latest;
  };
}
