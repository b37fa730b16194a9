import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { rowOf } from "./bulk-row-id.ts";
import type { BulkUpdateState } from "./bulk-update.ts";
import { isFinal, type UpdateState } from "./referral-update.ts";

/** Told the state that was entered, and by whom: a listener to a bulk update hears its rows as well. */
type Listener = (state: UpdateState | BulkUpdateState, id: string) => void;

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
      if (this.#listeners.size === 0) {
        return;
      }
      const [id = "", state = ""] = message.split(" ");
      this.#tell(id, state as UpdateState, id);
      const bulkUpdateId = rowOf(id)?.bulkUpdateId;
      if (bulkUpdateId !== undefined) {
        this.#tell(bulkUpdateId, state as UpdateState, id);
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

  /** Calls `listener` at every change of one update, or of one bulk update and its rows; returns how to stop. */
  listen(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) {
        this.#listeners.delete(id);
      }
    };
  }

  /** Updates and bulk updates somebody listens to at the moment. */
  get listenedTo(): number {
    return this.#listeners.size;
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
        if (isFinal(state as UpdateState)) {
          end(true);
        }
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) {
        end(false);
      }
    });
  }

  #tell(listenedTo: string, state: UpdateState | BulkUpdateState, id: string): void {
    for (const listener of this.#listeners.get(listenedTo) ?? []) {
      listener(state, id);
    }
  }

  /** Whether changes are heard at the moment. */
  get isConnected(): boolean {
    return this.#isSubscribed;
  }
}
