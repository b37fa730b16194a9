import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { isFinal, type UpdateState } from "./referral-update.ts";

type Listener = (state: UpdateState) => void;

/**
 * Tells what changes, as it changes. A message lost with a connection is lost: whoever waits also looks
 * at the ledger now and then.
 */
export class RedisUpdateEvents {
  readonly #listeners = new Map<string, Set<Listener>>();
  #isSubscribed = false;

  /** `redis` must be a connection of its own. */
  constructor(redis: Redis, keys: AccountKeys) {
    redis.on("message", (_channel: string, message: string) => {
      const [id = "", state = ""] = message.split(" ");
      for (const listener of this.#listeners.get(id) ?? []) {
        listener(state as UpdateState);
      }
    });
    // Not left to ioredis: its own subscribing again rejects unheard when the connection is closed meanwhile.
    const subscribe = (): void => {
      redis.subscribe(keys.events).then(
        () => {
          this.#isSubscribed = redis.status === "ready";
        },
        () => undefined,
      );
    };
    redis.on("ready", subscribe);
    redis.on("close", () => {
      this.#isSubscribed = false;
    });
    if (redis.status === "ready") {
      subscribe();
    }
  }

  /** Calls `listener` at every change of one update; returns how to stop. */
  listen(updateId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(updateId) ?? new Set();
    this.#listeners.set(updateId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.#listeners.delete(updateId);
      }
    };
  }

  /** Resolves true at the update's final state, false after `waitMs` or when `signal` aborts. */
  untilFinal(updateId: string, waitMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isFinalNow: boolean): void => {
        clearTimeout(timer);
        stop();
        signal?.removeEventListener("abort", onAbort);
        resolve(isFinalNow);
      };
      const onAbort = (): void => end(false);
      const timer = setTimeout(() => end(false), waitMs);
      const stop = this.listen(updateId, (state) => {
        if (isFinal(state)) {
          end(true);
        }
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) {
        end(false);
      }
    });
  }

  /** Whether changes are heard at the moment. */
  get isConnected(): boolean {
    return this.#isSubscribed;
  }
}
