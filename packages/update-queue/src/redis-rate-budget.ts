import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { LeadTime } from "./lead-time.ts";
import type { Meters } from "./meters.ts";
import { HORIZON_MS, type Lateness, PacedCalls, type Permit, type Slots } from "./paced-calls.ts";
import type { RedisClock } from "./redis-clock.ts";
import { runScript } from "./redis-scripts.ts";
import type { Priority } from "./waiting-calls.ts";

/** Share of the configured rate that is used: at 100 % jitter of 20 ms already earns refusals. */
const HEADROOM = 0.95;
/** Unless configured, the learned rate never falls below this share of the configured one. */
const FLOOR_SHARE = 0.05;
/** Refusals closer together than this (µs) are one event: the calls were already under way. */
const SAME_EVENT_US = 1_000_000;
/** Share of the burst that is used: a bucket that is drained to its last drop forgives no jitter. */
const BURST_SHARE = 0.5;
/** How long the budget closes when the upstream does not say (ms). */
const CLOSE_WITHOUT_HINT_MS = 1_000;
/** A longer closing is not believed (ms). */
const LONGEST_CLOSING_MS = 3_600_000;
/**
 * Below this spacing (ms) nobody can be punctual: waiting for a moment in turns of the event loop costs a third of a
 * core at 200/s, and then calls are late because of that. Nor is there time to hear of a call that left late.
 */
const PUNCTUAL_SPACING_MS = 20;
/**
 * The first calls of a process leave and arrive late, on cold sockets and cold code: so much more distance
 * (ms) the first one gets to the next, and each further one half of that.
 */
const COLD_EXTRA_MS = 20;
/** A process that made no call for this long (ms) is cold again. */
const COLD_AFTER_MS = 10_000;

export interface RateSettings {
  /** Calls per second the upstream allows. */
  readonly ratePerSecond: number;
  /** Calls that may leave at once after a pause. */
  readonly burst: number;
  /** Calls per second below which learning never goes; default 5 % of the rate. */
  readonly leastPerSecond?: number;
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
  readonly meters: Meters;
}

/** One budget per account, shared by every process that calls the upstream. */
export class RedisRateBudget {
  readonly #edges: BudgetEdges;
  readonly #rate: number;
  readonly #floor: number;
  readonly #burst: number;
  readonly #allowedBurst: number;
  readonly #calls: PacedCalls;
  readonly #lead = new LeadTime();
  /** When a call of this process was last taken (monotonic ms). */
  #succeededAt: number | undefined;
  /** When this process last got a moment (monotonic ms), and how many since it was cold. */
  #lastGivenAt = Number.NEGATIVE_INFINITY;
  #givenCount = 0;
  /** When this process was told to ask again (µs, Redis clock; 0 = not). */
  readonly #askUs: Record<Priority, number> = { interactive: 0, bulk: 0 };

  constructor(edges: BudgetEdges, settings: RateSettings) {
    this.#edges = edges;
    this.#rate = settings.ratePerSecond * HEADROOM;
    this.#floor = Math.min(settings.leastPerSecond ?? this.#rate * FLOOR_SHARE, this.#rate);
    this.#burst = Math.max(1, Math.floor(settings.burst * BURST_SHARE));
    this.#allowedBurst = settings.burst;
    this.#calls = new PacedCalls({
      reserve: (wanted) => this.#reserve(wanted),
      confirm: (moment, isMissed) => this.#confirm(moment, isMissed),
      leftLate: (sentAt, lateness) => this.#leftLate(sentAt, lateness),
    });
  }

  /** Calls per second in use while nothing is refused: what is configured, less the headroom. */
  get configuredRatePerSecond(): number {
    return this.#rate;
  }

  /** See {@link PacedCalls.acquire}. How long a call waited until its moment is measured. */
  async acquire(options: { priority: Priority; signal?: AbortSignal }): Promise<Permit> {
    const askedAt = performance.now();
    const permit = await this.#calls.acquire(options);
    const givenAt = performance.now();
    const { priority } = options;
    return {
      ...permit,
      due: async () => {
        this.#lead.heardChecks(performance.now() - givenAt);
        const mayLeave = await permit.due();
        const waitedMs = performance.now() - askedAt;
        this.#edges.meters.observe("budgetWaitSeconds", { priority }, waitedMs / 1_000);
        return mayLeave;
      },
    };
  }

  /** The upstream refused: closes the budget for every process. */
  async throttled(refusal: {
    retryAfterMs: number | undefined;
    isForRate?: boolean;
  }): Promise<void> {
    const { redis, keys } = this.#edges;
    const askedMs = Math.ceil(refusal.retryAfterMs ?? CLOSE_WITHOUT_HINT_MS);
    const closeMs = Math.min(Math.max(askedMs, 0), LONGEST_CLOSING_MS);
    this.#calls.closed(performance.now() + closeMs);
    const reason = refusal.isForRate === false ? "unwell" : "rate";
    this.#edges.meters.count("throttled", { reason });
    const successAge =
      this.#succeededAt === undefined
        ? "never"
        : Math.round((performance.now() - this.#succeededAt) * 1_000);
    await runScript(
      redis,
      "closeBudget",
      [keys.budget],
      [
        closeMs,
        this.#rate,
        this.#floor,
        this.#burst,
        SAME_EVENT_US,
        refusal.isForRate === false ? "" : successAge,
      ],
    );
  }

  /** The rate rises with time while nothing is refused (rate-in-use.lua): nothing is written per call. */
  succeeded(): void {
    this.#succeededAt = performance.now();
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

  #leftLate(sentAt: number, lateness: Lateness): void {
    const { redis, keys, clock } = this.#edges;
    const sentUs = Math.round(clock.fromMonotonic(sentAt) * 1_000);
    const told =
      lateness === "distance"
        ? [lateness]
        : [Math.round(lateness.excessMs * 1_000), Math.round(lateness.lateMs * 1_000)];
    const args = [sentUs, this.#rate, ...told];
    runScript(redis, "delayBudget", [keys.budget], args).catch(() => undefined);
  }

  async #reserve(wanted: Readonly<Record<Priority, number>>): Promise<Slots> {
    const { redis, keys, clock } = this.#edges;
    const askedAt = performance.now();
    if (askedAt - this.#lastGivenAt > COLD_AFTER_MS) {
      this.#givenCount = 0;
    }
    const [nowUs = 0, milliRate = 1, closedUntilUs = 0, interactiveUs = 0, bulkUs = 0, ...given] =
      (await runScript(
        redis,
        "reserveSlots",
        [keys.budget],
        [
          this.#rate,
          this.#burst,
          wanted.interactive,
          wanted.bulk,
          HORIZON_MS * 1_000,
          Math.round(this.#lead.ms * 1_000),
          Math.floor((COLD_EXTRA_MS * 1_000) / 2 ** this.#givenCount),
          this.#askUs.interactive,
          this.#askUs.bulk,
          this.#allowedBurst,
        ],
      )) as number[];
    clock.heard(nowUs / 1_000, askedAt);
    this.#lead.heardTrip(performance.now() - askedAt);
    this.#hearClosing(closedUntilUs);
    if (wanted.interactive > 0) {
      this.#askUs.interactive = interactiveUs;
    }
    if (wanted.bulk > 0) {
      this.#askUs.bulk = bulkUs;
    }
    if (given.length > 0) {
      this.#lastGivenAt = performance.now();
      this.#givenCount += given.length;
    }
    const toMoment = (us: number): number => clock.toMonotonic(us / 1_000);
    const spacingMs = 1_000_000 / milliRate;
    return {
      moments: given.map(toMoment),
      askAgainAt: {
        interactive: interactiveUs === 0 ? undefined : toMoment(interactiveUs),
        bulk: bulkUs === 0 ? undefined : toMoment(bulkUs),
      },
      spacingMs,
      burst: this.#burst,
      isPunctual: this.#burst === 1 && spacingMs >= PUNCTUAL_SPACING_MS,
    };
  }

  async #confirm(moment: number, isMissed: boolean): Promise<number | undefined> {
    const { redis, keys, clock } = this.#edges;
    const askedAt = performance.now();
    const askedUs = Math.round(clock.fromMonotonic(moment) * 1_000);
    try {
      const [nowUs = 0, closedUntilUs = 0, momentUs = 0] = (await runScript(
        redis,
        "confirmSlot",
        [keys.budget],
        [askedUs, this.#rate, isMissed ? "1" : "0"],
      )) as number[];
      clock.heard(nowUs / 1_000, askedAt);
      this.#hearClosing(closedUntilUs);
      return momentUs === 0 ? undefined : moment + (momentUs - askedUs) / 1_000;
    } catch {
      return undefined; // the next question to the budget says what is wrong with it
    }
  }

  #hearClosing(closedUntilUs: number): void {
    this.#calls.closed(this.#edges.clock.toMonotonic(closedUntilUs / 1_000));
  }
}
