import type { Redis } from "ioredis";

/**
 * An estimate of Redis' clock, in Unix ms. Deadlines that scripts check are given in it, so that a
 * process whose own clock is wrong, or steps, cannot have its commands taken or refused wrongly.
 */
export class RedisClock {
  readonly #redis: Redis;
  /** Redis' clock minus our monotonic one; undefined until first heard. */
  #offsetMs: number | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("close", () => {
      this.#offsetMs = undefined;
    });
  }

  /** Learns from any answer that carries Redis' time. */
  heard(redisMs: number): void {
    this.#offsetMs = redisMs - performance.now();
  }

  async now(): Promise<number> {
    if (this.#offsetMs === undefined) {
      const [seconds, micros] = await this.#redis.time();
      this.heard(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000));
    }
    return Math.round(performance.now() + (this.#offsetMs ?? 0));
  }
}
