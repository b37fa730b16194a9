import { changeReferrals, type ManyChanges } from "./change-referrals.ts";
import type { CounterView } from "./counters.ts";
import type { FaultRuleInput } from "./fault-rules.ts";
import type { FaultRuleState } from "./faults.ts";
import { cloneJson, type JsonObject } from "./json.ts";
import type { LimitSettings } from "./limits.ts";
import { type LoggedRequest, type LogQuery, viewOf } from "./request-log.ts";
import type { TokenChange, TokenSettings } from "./token-store.ts";
import type { World } from "./world.ts";

/** What a simulator says about itself; `GET /_simulator/state`. */
export interface SimulatorState {
  readonly uptimeMs: number;
  readonly referrals: number;
  readonly limits: LimitSettings;
  readonly counters: CounterView;
  readonly log: { readonly size: number; readonly dropped: number; readonly lastSeq: number };
  readonly tokens: TokenSettings;
  readonly faults: readonly FaultRuleState[];
}

/** The control side in the same process; the HTTP control endpoints do the same. Nothing here is rate limited. */
export interface SimulatorControl {
  state(): SimulatorState;
  /** The request log, oldest first. */
  requests(query?: LogQuery): LoggedRequest[];
  /** Empties the log and sets the counters to zero; `seq` goes on counting. */
  clearRequests(): void;
  /**
   * The first ended request that `isWanted` accepts, among those in the log and those to come.
   * Waits without limit: let the test's own time limit decide.
   */
  waitForRequest(isWanted: (request: LoggedRequest) => boolean): Promise<LoggedRequest>;
  /** A copy of the referral as it is now, or `undefined`. */
  referral(id: string): JsonObject | undefined;
  /** Replaces (or adds) a referral without any rule checked; it gets a new ETag. Returns it. */
  putReferral(id: string, document: JsonObject): JsonObject;
  /** Somebody else changes many referrals; all get new ETags. Returns how many. Throws Error when one cannot be changed so. */
  changeReferrals(changes: ManyChanges): number;
  /** Removes a referral: it answers 404 from then on. */
  deleteReferral(id: string): boolean;
  /** Adds fault rules; returns their ids. Throws Error when a rule is not valid. */
  addFaults(rules: FaultRuleInput | readonly FaultRuleInput[]): string[];
  /** Removes one rule, or all. Returns how many. */
  clearFaults(id?: string): number;
  /** Throws RangeError for impossible values. */
  setLimits(changes: Partial<LimitSettings>): LimitSettings;
  setTokens(change: TokenChange): TokenSettings;
  /** Everything back to how the simulator was started; log and counters empty. */
  reset(): void;
}

/** The control side of a world. */
export function createControl(world: World): SimulatorControl {
  const control: SimulatorControl = {
    state: () => ({
      uptimeMs: world.options.nowMs() - world.startedAtMs,
      referrals: world.store.size,
      limits: world.limits.settings,
      counters: world.counters.view(),
      log: { size: world.log.size, dropped: world.log.dropped, lastSeq: world.log.lastSeq },
      tokens: world.tokens.settings,
      faults: world.faults.list(),
    }),
    requests: (query) => world.log.read(query),
    clearRequests() {
      world.log.clear();
      world.counters.clear();
    },
    waitForRequest(isWanted) {
      for (const known of world.log.entries()) {
        if (known.outcome !== "open" && isWanted(known)) return Promise.resolve(known);
      }
      return new Promise((resolve) => {
        world.onRequestEnd.add(function listener(entry) {
          const view = viewOf(entry);
          if (!isWanted(view)) return;
          world.onRequestEnd.delete(listener);
          resolve(view);
        });
      });
    },
    referral: (id) => cloneJson(world.store.get(id)?.document),
    putReferral(id, document) {
      const copy = { ...cloneJson(document), id };
      const known = world.store.get(id);
      if (known === undefined) world.store.create(id, copy);
      else world.store.write(known, copy);
      return cloneJson(world.store.get(id)?.document ?? copy);
    },
    changeReferrals: (changes) => changeReferrals(world.store, changes),
    deleteReferral: (id) => world.store.remove(id),
    addFaults: (rules) => world.faults.add(rules),
    clearFaults: (id) => world.faults.clear(id),
    setLimits(changes) {
      world.limits.change(changes);
      return world.limits.settings;
    },
    setTokens(change) {
      world.tokens.change(change);
      return world.tokens.settings;
    },
    reset: () => world.reset(),
  };
  return control;
}
