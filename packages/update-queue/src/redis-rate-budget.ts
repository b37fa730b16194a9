import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { PacedCalls, type Slots } from "./paced-calls.ts";
import { runScript } from "./redis-scripts.ts";

/** Share of the configured rate that is used: at 100 % jitter of 20 ms already earns refusals. */
const HEADROOM = 0.95;
/** The learned rate never falls below this share of the configured one. */
const FLOOR_SHARE = 0.05;
/** Factor of the decrease after a refusal. */
const DECREASE = 0.7;
/** Refusals closer together than this (µs) are one event: the calls were already under way. */
const SAME_EVENT_US = 1_000_000;
/** Seconds the learned rate takes from its floor back to the configured rate. */
const RAMP_SECONDS = 60;
/** How long the budget closes when the upstream does not say (ms). */
const CLOSE_WITHOUT_HINT_MS = 1_000;
/** How far ahead moments are given away (µs): covers a Redis round trip, small enough to stay urgent. */
const HORIZON_US = 50_000;

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
}

/** One budget per account, shared by every process that calls the upstream. */
export class RedisRateBudget {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #rate: number;
  readonly #burst: number;
  readonly #calls: PacedCalls;

  constructor(redis: Redis, keys: AccountKeys, settings: RateSettings) {
    this.#redis = redis;
    this.#keys = keys;
    this.#rate = settings.ratePerSecond * HEADROOM;
    this.#burst = settings.burst;
    this.#calls = new PacedCalls((wanted) => this.#reserve(wanted));
  }

  /**
   * Resolves at the moment a call may be sent. The moment goes to the most urgent call waiting in this
   * process. Rejects with the signal's reason when aborted, and when Redis cannot be asked.
   */
  acquire(options: { priority: "interactive" | "bulk"; signal?: AbortSignal }): Promise<void> {
    return this.#calls.acquire(options);
  }

  /** The upstream refused: closes the budget for every process. */
  async throttled(refusal: { retryAfterMs: number | undefined }): Promise<void> {
    await runScript(
      this.#redis,
      "closeBudget",
      [this.#keys.budget],
      [
        Math.ceil(refusal.retryAfterMs ?? CLOSE_WITHOUT_HINT_MS),
        this.#rate,
        this.#rate * FLOOR_SHARE,
        DECREASE,
        SAME_EVENT_US,
      ],
    );
  }

  succeeded(): void {
    // The rate rises with time while nothing is refused (reserve-slots); nothing to write per call.
  }

  async status(): Promise<BudgetStatus> {
    const [rate, closedUntilUs] = await this.#redis.hmget(
      this.#keys.budget,
      "rate",
      "closedUntilUs",
    );
    const [seconds] = await this.#redis.time();
    const closedUntil = Math.round(Number(closedUntilUs ?? 0) / 1000);
    return {
      ratePerSecond: Math.min(Number(rate ?? this.#rate), this.#rate),
      closedUntil: closedUntil > Number(seconds) * 1000 ? closedUntil : undefined,
    };
  }

  async #reserve(wanted: number): Promise<Slots> {
    const floor = this.#rate * FLOOR_SHARE;
    const [milliRate = 1, askAgainUs = 0, ...momentsUs] = (await runScript(
      this.#redis,
      "reserveSlots",
      [this.#keys.budget],
      [this.#rate, this.#burst, wanted, HORIZON_US, floor, RAMP_SECONDS],
    )) as number[];
    return {
      waitsMs: momentsUs.map((us) => us / 1000),
      spacingMs: this.#burst > 1 ? 0 : 1_000_000 / milliRate,
      askAgainMs: Math.max((askAgainUs - HORIZON_US) / 1000, 0),
    };
  }
}
