import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { LEAST_LEAD_MS, PacedCalls, type Permit, type Slots } from "./paced-calls.ts";
import type { RedisClock } from "./redis-clock.ts";
import { runScript } from "./redis-scripts.ts";

/** Share of the configured rate that is used: at 100 % jitter of 20 ms already earns refusals. */
const HEADROOM = 0.95;
/** The learned rate never falls below this share of the configured one. */
const FLOOR_SHARE = 0.05;
/** Refusals closer together than this (µs) are one event: the calls were already under way. */
const SAME_EVENT_US = 1_000_000;
/** Calls of the burst kept back: a bucket that is always drained to its last drop forgives no jitter. */
const BURST_SLACK = 1;
/** How long the budget closes when the upstream does not say (ms). */
const CLOSE_WITHOUT_HINT_MS = 1_000;
/** How far ahead moments are given away (µs): time for the fence, small enough to stay urgent. */
const HORIZON_US = 30_000;

export interface RateSettings {
  /** Calls per second the upstream allows. */
  readonly ratePerSecond: number;
  /** Calls that may leave at once after a pause. */
  readonly burst: number;
}

export interface BudgetStatus {
  /** Calls per second in use: configured with headroom, or less while the upstream refuses. */
  readonly ratePerSecond: number;
  /** Unix ms (Redis clock) until which the upstream asked to be left alone. */
  readonly closedUntil: number | undefined;
  /** The same as ms from now; 0 when it is open. */
  readonly closedForMs: number;
}

interface BudgetEdges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly clock: RedisClock;
}

/** One budget per account, shared by every process that calls the upstream. */
export class RedisRateBudget {
  readonly #edges: BudgetEdges;
  readonly #rate: number;
  readonly #burst: number;
  readonly #calls: PacedCalls;
  /** Whether a call was taken since this process last learned from a refusal. */
  #hasSucceeded = true;

  constructor(edges: BudgetEdges, settings: RateSettings) {
    this.#edges = edges;
    this.#rate = settings.ratePerSecond * HEADROOM;
    this.#burst = Math.max(1, settings.burst - BURST_SLACK);
    this.#calls = new PacedCalls(
      (wanted) => this.#reserve(wanted),
      (sentAt) => this.#leftLate(sentAt),
    );
  }

  /** See {@link PacedCalls.acquire}. */
  acquire(options: { priority: "interactive" | "bulk"; signal?: AbortSignal }): Promise<Permit> {
    return this.#calls.acquire(options);
  }

  /** The upstream refused: closes the budget for every process. */
  async throttled(refusal: {
    retryAfterMs: number | undefined;
    isForRate?: boolean;
  }): Promise<void> {
    // A storm that refuses every call says nothing about the rate: learn once, then only after successes.
    const isTelling = this.#hasSucceeded && refusal.isForRate !== false;
    this.#hasSucceeded = this.#hasSucceeded && !isTelling;
    await runScript(
      this.#edges.redis,
      "closeBudget",
      [this.#edges.keys.budget],
      [
        Math.ceil(refusal.retryAfterMs ?? CLOSE_WITHOUT_HINT_MS),
        this.#rate,
        this.#rate * FLOOR_SHARE,
        this.#burst,
        SAME_EVENT_US,
        isTelling ? "1" : "0",
      ],
    );
  }

  /** The rate rises with time while nothing is refused (rate-in-use.lua): nothing is written per call. */
  succeeded(): void {
    this.#hasSucceeded = true;
  }

  async status(): Promise<BudgetStatus> {
    const { redis, keys } = this.#edges;
    const [milliRate = 0, closedUntil = 0, closedForMs = 0] = (await runScript(
      redis,
      "readBudget",
      [keys.budget],
      [this.#rate],
    )) as number[];
    return {
      ratePerSecond: milliRate / 1_000,
      closedUntil: closedUntil === 0 ? undefined : closedUntil,
      closedForMs,
    };
  }

  #leftLate(sentAt: number): void {
    const { redis, keys, clock } = this.#edges;
    const sentUs = Math.round(clock.fromMonotonic(sentAt) * 1_000);
    runScript(redis, "delayBudget", [keys.budget], [sentUs, this.#rate]).catch(() => undefined);
  }

  async #reserve(wanted: number): Promise<Slots> {
    const { redis, keys, clock } = this.#edges;
    const askedAt = performance.now();
    const [nowUs = 0, milliRate = 1, nextUs = 0, ...momentsUs] = (await runScript(
      redis,
      "reserveSlots",
      [keys.budget],
      [this.#rate, this.#burst, wanted, HORIZON_US, LEAST_LEAD_MS * 1_000],
    )) as number[];
    clock.heard(nowUs / 1_000, askedAt);
    return {
      moments: momentsUs.map((us) => clock.toMonotonic(us / 1_000)),
      askAgainAt: nextUs === 0 ? undefined : clock.toMonotonic((nextUs - HORIZON_US) / 1_000),
      spacingMs: 1_000_000 / milliRate,
    };
  }
}
