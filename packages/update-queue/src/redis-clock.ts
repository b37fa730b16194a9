import type { Redis } from "ioredis";

/** Samples are kept this long (ms): clocks drift by far less than a millisecond in it. */
const SAMPLE_LIFE_MS = 30_000;

interface Sample {
  /** Redis' clock minus our monotonic one. */
  readonly offsetMs: number;
  /** Round trip of the answer it was learned from: the offset is wrong by at most half of it. */
  readonly roundTripMs: number;
  readonly takenAt: number;
}

/**
 * An estimate of Redis' clock. Deadlines and moments are given in it, so that all processes share one
 * clock, and one whose own is wrong, or steps, harms nobody. The answer with the shortest round trip of
 * the last half minute counts; an answer that contradicts it (Redis' host changed its clock) replaces it.
 */
export class RedisClock {
  #best: Sample | undefined;

  /** Learns from an answer that carries Redis' time (Unix ms); `askedAt` is `performance.now()` before. */
  heard(redisMs: number, askedAt: number): void {
    const takenAt = performance.now();
    const sample: Sample = {
      offsetMs: redisMs - (askedAt + takenAt) / 2,
      roundTripMs: takenAt - askedAt,
      takenAt,
    };
    const best = this.#best;
    if (
      best === undefined ||
      sample.roundTripMs <= best.roundTripMs ||
      takenAt - best.takenAt > SAMPLE_LIFE_MS ||
      Math.abs(sample.offsetMs - best.offsetMs) > (sample.roundTripMs + best.roundTripMs) / 2 + 1
    ) {
      this.#best = sample;
    }
  }

  /** Redis' time now (Unix ms); undefined before anything was heard. */
  now(): number | undefined {
    return this.#best === undefined ? undefined : performance.now() + this.#best.offsetMs;
  }

  /** The monotonic moment (`performance.now()`) at which Redis' clock shows `redisMs`. */
  toMonotonic(redisMs: number): number {
    return redisMs - (this.#best?.offsetMs ?? 0);
  }

  /** What Redis' clock (Unix ms) shows at a monotonic moment. */
  fromMonotonic(moment: number): number {
    return moment + (this.#best?.offsetMs ?? 0);
  }

  /** As {@link now}; asks Redis when nothing was heard yet. */
  async read(redis: Redis): Promise<number> {
    if (this.#best === undefined) {
      const askedAt = performance.now();
      const [seconds, micros] = await redis.time();
      this.heard(Number(seconds) * 1000 + Number(micros) / 1000, askedAt);
    }
    return this.now() ?? 0;
  }
}
