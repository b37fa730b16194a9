import { setTimeout as sleep } from "node:timers/promises";
import { isRedisTrouble, LedgerUnavailableError } from "@patchlane/update-queue";
import { callerError, RETRY_AFTER_MS } from "../errors.ts";
import type { GatewayContext } from "../services.ts";
import { Bell } from "./bell.ts";

/** ms between looks while nothing is heard: a message lost with a connection is made good for. */
const LOOK_EVERY_MS = 1_000;
/** Changes kept between two looks; more only happen to a bulk update, of which each is not told. */
const MOST_HEARD = 100;

/** What is followed, and what of it is worth telling. */
export interface Followed<Value extends object> {
  /** Update or bulk update. */
  readonly id: string;
  /** Undefined when it is gone. */
  look(): Promise<Value | undefined>;
  /** What to tell after a look: `heard` are the states entered since the look before, `told` is what was told last. */
  tell(told: Value | undefined, heard: readonly string[], latest: Value): readonly Value[];
  /** Whether nothing more will happen. */
  isOver(latest: Value): boolean;
  /** Least ms between two looks. */
  readonly everyMs: number;
}

/**
 * Tells what something is like now and what becomes of it, until it is over or gone, or `signal` aborts. A Redis that is away is
 * waited for. What ends it early is told last, as an Error for the caller: that the gateway stops, or that its token expired.
 */
export async function* follow<Value extends object>(
  { services, caller }: Pick<GatewayContext, "services" | "caller">,
  followed: Followed<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value | Error, void> {
  const { stopping } = services;
  const bell = new Bell();
  const heard: string[] = [];
  const ring = (): void => bell.ring();
  const stopListening = services.queue.events.listen(followed.id, (state) => {
    if (heard.length < MOST_HEARD) {
      heard.push(state);
    }
    bell.ring();
  });
  stopping?.addEventListener("abort", ring);
  try {
    let told: Value | undefined;
    while (!signal.aborted) {
      if (stopping?.aborted) {
        yield stopped();
        return;
      }
      if (caller.expiresAt !== undefined && services.now() >= caller.expiresAt) {
        yield callerError(
          "UNAUTHENTICATED",
          "The token has expired; subscribe again with a new one",
        );
        return;
      }
      const states = heard.splice(0); // before the look: nothing can happen unseen in between
      const seen = await lookAt(followed);
      if (seen !== AWAY) {
        if (seen === undefined) {
          return;
        }
        for (const next of followed.tell(told, states, seen)) {
          yield next;
          told = next;
        }
        if (followed.isOver(seen)) {
          return;
        }
      }
      await sleep(followed.everyMs, undefined, { signal }).catch(() => undefined);
      await bell.heard(LOOK_EVERY_MS, signal);
    }
  } catch (error) {
    yield error instanceof Error ? error : new Error("not an error", { cause: error });
  } finally {
    stopListening();
    stopping?.removeEventListener("abort", ring);
  }
}

const AWAY = Symbol("Redis is away");

async function lookAt<Value extends object>(
  followed: Followed<Value>,
): Promise<Value | undefined | typeof AWAY> {
  try {
    return await followed.look();
  } catch (error) {
    if (error instanceof LedgerUnavailableError || isRedisTrouble(error)) {
      return AWAY;
    }
    throw error;
  }
}

function stopped(): Error {
  const message = "The gateway is stopping; subscribe again";
  return callerError("SERVICE_UNAVAILABLE", message, { retryAfterMs: RETRY_AFTER_MS });
}
