import { type Counters, createCounters } from "./counters.ts";
import { createFaultBook, type FaultBook } from "./faults.ts";
import { createLimitBook, type LimitBook } from "./limits.ts";
import { createReferralLister, type ReferralLister } from "./list-referrals.ts";
import type { ResolvedOptions } from "./options.ts";
import { createReferralStore, type ReferralStore } from "./referral-store.ts";
import { createReplayMemory, type ReplayMemory } from "./replay-memory.ts";
import { createRequestLog, type LogEntry, type RequestLog } from "./request-log.ts";
import { createTokenStore, type TokenStore } from "./token-store.ts";

/** Everything a running simulator holds. `reset` replaces all parts but the log and the counters. */
export interface World {
  readonly options: ResolvedOptions;
  readonly startedAtMs: number;
  readonly log: RequestLog;
  readonly counters: Counters;
  /** Called with every request that ended. */
  readonly onRequestEnd: Set<(entry: LogEntry) => void>;
  store: ReferralStore;
  list: ReferralLister;
  tokens: TokenStore;
  limits: LimitBook;
  faults: FaultBook;
  replays: ReplayMemory;
  /** Back to how the options describe it. */
  reset(): void;
}

/** Builds the state of a simulator from its options. Throws RangeError for impossible limits. */
export function createWorld(options: ResolvedOptions): World {
  const { nowMs } = options;

  function freshParts() {
    const store = createReferralStore(options);
    return {
      store,
      list: createReferralLister(store),
      tokens: createTokenStore({
        fixedToken: options.token,
        refreshToken: options.refreshToken,
        accessTokenSeconds: options.accessTokenSeconds,
        nowMs,
      }),
      limits: createLimitBook(
        {
          limiter: options.limiter,
          rate: options.rate,
          writeRate: options.writeRate ?? null,
          burst: options.burst,
          retryAfter: options.retryAfter,
          penaltyMs: options.penaltyMs,
        },
        nowMs,
      ),
      faults: createFaultBook(options.seed, nowMs),
      replays: createReplayMemory(),
    };
  }

  const world: World = {
    options,
    startedAtMs: nowMs(),
    log: createRequestLog(options.logCapacity),
    counters: createCounters(),
    onRequestEnd: new Set(),
    ...freshParts(),
    reset() {
      Object.assign(world, freshParts());
      world.log.clear();
      world.counters.clear();
    },
  };
  return world;
}
