import type { RetryAfterForm } from "./limits.ts";
import type { LimiterKind } from "./rate-limiter.ts";

/** How to start a simulator; everything has a default. */
export interface SimulatorOptions {
  /** 0 (default) picks a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Referrals to begin with; default 500. */
  readonly referrals?: number;
  /** What each `externalReferenceId` begins with, a number follows; default `CRM-`; `none`: they are null. */
  readonly externalIds?: string;
  /** Seed of the data and of every random decision; default 1. */
  readonly seed?: number;
  /** Requests per second of an account; default 20. */
  readonly rate?: number;
  /** A limit of their own for writes, per second; absent (default) means they share `rate`. */
  readonly writeRate?: number;
  /** Requests that may come at once (token bucket only); default 1. */
  readonly burst?: number;
  /** Default token-bucket. */
  readonly limiter?: LimiterKind;
  /** How a 429 says when to come back; default seconds. */
  readonly retryAfter?: RetryAfterForm;
  /** How long everything is refused after a 429, in ms; default 1000, 0 turns it off. */
  readonly penaltyMs?: number;
  /** Default /v1.0. */
  readonly basePath?: string;
  /** The bearer token that never expires; default simulator-token. */
  readonly token?: string;
  /** The refresh token accepted at first; default simulator-refresh-token. */
  readonly refreshToken?: string;
  /** Life of access tokens from the token endpoint, in seconds; default 3600. */
  readonly accessTokenSeconds?: number;
  /** Answer a repeated request-id from memory instead of applying it again; default false. */
  readonly honourRequestId?: boolean;
  /** Keep request bodies in the log; default true. */
  readonly logBodies?: boolean;
  /** Requests the log holds; default 200000. */
  readonly logCapacity?: number;
  /** Largest request body in bytes; default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Monotonic clock in ms for limits, token life and the log; default `performance.now`. */
  readonly nowMs?: () => number;
}

/** The options with their defaults. */
export type ResolvedOptions = Required<Omit<SimulatorOptions, "writeRate">> &
  Pick<SimulatorOptions, "writeRate">;

/** Fills in the defaults and checks the values. Throws RangeError naming the option. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    port: 0,
    host: "127.0.0.1",
    referrals: 500,
    externalIds: "CRM-",
    seed: 1,
    rate: 20,
    burst: 1,
    limiter: "token-bucket",
    retryAfter: "seconds",
    penaltyMs: 1000,
    token: "simulator-token",
    refreshToken: "simulator-refresh-token",
    accessTokenSeconds: 3600,
    honourRequestId: false,
    logBodies: true,
    logCapacity: 200_000,
    maxBodyBytes: 1024 * 1024,
    nowMs: () => performance.now(),
    ...withoutUndefined(options),
    basePath: normalizeBasePath(options.basePath ?? "/v1.0"),
  };
  requireWhole("port", resolved.port, 0, 65_535);
  requireWhole("referrals", resolved.referrals, 0, 1_000_000);
  requireWhole("seed", resolved.seed, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("logCapacity", resolved.logCapacity, 1, 10_000_000);
  requireWhole("maxBodyBytes", resolved.maxBodyBytes, 1, 1024 ** 3);
  if (!(resolved.accessTokenSeconds > 0)) throw new RangeError("accessTokenSeconds must be > 0");
  return resolved;
}

function withoutUndefined(options: SimulatorOptions): SimulatorOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function requireWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}`);
  }
}

function normalizeBasePath(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  if (/[?#\s]/.test(trimmed)) throw new RangeError("basePath must be a plain path");
  return trimmed === "" ? "" : `/${trimmed}`;
}
