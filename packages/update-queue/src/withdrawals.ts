import type { Redis } from "ioredis";

interface Withdrawal {
  readonly id: string;
  readonly referralId: string;
  readonly digest: string;
  readonly inputHash: string;
}

/** Withdrawals under way at the same time. */
const AT_A_TIME = 50;
/** ms between tries while Redis is away. */
const RETRY_MS = 200;

/**
 * Accepts whose answer was lost. Their callers were told that nothing was accepted, so they are taken
 * back as soon as Redis answers again. Lanes are not woken for them in the meantime, and the sweep
 * leaves a freshly started Redis alone for longer than this takes.
 */
export class Withdrawals {
  readonly #redis: Redis;
  readonly #takeBack: (withdrawal: Withdrawal) => Promise<unknown>;
  readonly #open = new Map<string, Withdrawal>();
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;

  constructor(redis: Redis, takeBack: (withdrawal: Withdrawal) => Promise<unknown>) {
    this.#redis = redis;
    this.#takeBack = takeBack;
    redis.on("ready", () => void this.#run());
  }

  add(withdrawal: Withdrawal): void {
    this.#open.set(withdrawal.id, withdrawal);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer === undefined && this.#open.size > 0 && this.#redis.status !== "end") {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#run();
      }, RETRY_MS).unref();
    }
  }

  /** A few at a time: callers share the connection. */
  async #run(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    while (this.#redis.status === "ready" && this.#open.size > 0) {
      const batch = [...this.#open.values()].slice(0, AT_A_TIME);
      const results = await Promise.all(batch.map((withdrawal) => this.#tryOne(withdrawal)));
      if (!results.includes(true)) {
        break;
      }
    }
    this.#isRunning = false;
    this.#schedule();
  }

  async #tryOne(withdrawal: Withdrawal): Promise<boolean> {
    try {
      await this.#takeBack(withdrawal);
      return this.#open.delete(withdrawal.id);
    } catch {
      return false;
    }
  }
}
