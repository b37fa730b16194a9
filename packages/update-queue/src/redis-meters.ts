import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { atMost } from "./at-most.ts";
import {
  bucketOf,
  type CounterName,
  type HistogramName,
  type LabelsOf,
  type Meters,
  meterField,
  SUM_SCALE,
} from "./meters.ts";
import { runScript } from "./redis-scripts.ts";

/** ms between flushes; what a killed process loses at most. */
const FLUSH_EVERY_MS = 1_000;
/** ms a clean stop waits for the last flush. */
const LAST_FLUSH_MS = 1_000;
/** ms a flush may stay unanswered and still count once: an outage of Redis, not more. */
const FLUSH_KNOWN_MS = 60 * 60 * 1000;

interface Batch {
  readonly number: number;
  readonly fields: ReadonlyMap<string, number>;
}

/**
 * Gathers counts in this process and adds them to the account's in Redis about once a second, in one write. While Redis is away they
 * are kept: their number is bounded (meters.ts), so nothing grows. A kill loses what was gathered since the last flush.
 */
export class RedisMeters implements Meters {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #token = randomUUID();
  #gathered = new Map<string, number>();
  /** What was sent and not confirmed: sent again as it is, so that it counts once. */
  #sent: Batch | undefined;
  #flushes = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(edges: { redis: Redis; keys: AccountKeys }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#add(meterField(name, labels), by);
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    if (Number.isFinite(value)) {
      const field = meterField(name, labels);
      this.#add(`${field}|${bucketOf(name, value)}`, 1);
      this.#add(`${field}|sum`, Math.round(Math.max(value, 0) * SUM_SCALE));
    }
  }

  /** Writes what was gathered, as far as Redis takes it; never rejects. Two at a time are one after the other. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) {
      await this.#flushing;
    }
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /** Flushes for the last time, within a second. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await atMost(this.flush(), LAST_FLUSH_MS);
  }

  #add(field: string, by: number): void {
    this.#gathered.set(field, (this.#gathered.get(field) ?? 0) + by);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer === undefined && !this.#isClosed) {
      this.#timer = setTimeout(() => {
        void this.flush().finally(() => {
          this.#timer = undefined;
          if (this.#sent !== undefined || this.#gathered.size > 0) {
            this.#schedule();
          }
        });
      }, FLUSH_EVERY_MS).unref();
    }
  }

  async #flush(): Promise<void> {
    try {
      if (this.#sent !== undefined) {
        await this.#send(this.#sent); // what an earlier flush could not get through, alone
      }
      this.#sent = undefined;
      if (this.#gathered.size > 0) {
        this.#sent = this.#nextBatch();
        await this.#send(this.#sent);
        this.#sent = undefined;
      }
    } catch {
      // Redis is away, which others say louder; this is kept for the next flush.
    }
  }

  #nextBatch(): Batch {
    const fields = this.#gathered;
    this.#gathered = new Map();
    this.#flushes += 1;
    return { number: this.#flushes, fields };
  }

  async #send({ number, fields }: Batch): Promise<void> {
    const { metrics, metricsFlush } = this.#keys;
    await runScript(
      this.#redis,
      "flushMeters",
      [metrics, metricsFlush(this.#token)],
      [number, FLUSH_KNOWN_MS, ...[...fields].flat()],
    );
  }
}
