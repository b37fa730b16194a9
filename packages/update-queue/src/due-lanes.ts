import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { LONGEST_REST_MS } from "./lanes.ts";
import type { LaneToWake, RedisLaneJobs } from "./redis-lane-jobs.ts";
import { runScript } from "./redis-scripts.ts";

/** Lanes taken in one go. */
const MOST_AT_ONCE = 200;
/** ms within which the wake-ups of lanes that were taken must be made; then another process takes them. */
const CONFIRM_MS = 5_000;
/** Most ms between two looks: lanes that another process laid to rest, and did not live to wake. */
const LONGEST_NAP_MS = 1_000;
/** Least ms between two looks: lanes that come due one by one are woken in groups. */
const SHORTEST_NAP_MS = 25;
/** Pending updates of a lane that are looked at for its priority. */
const PRIORITY_DEPTH = 100;

/**
 * Wakes lanes whose rest is over. Runs in every worker; what is due when is decided on Redis' clock, and which
 * process takes a lane in one script. Timers of this process only say when to ask.
 */
export class DueLanes {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #jobs: RedisLaneJobs;
  readonly #onError: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Monotonic moments (ms). */
  #nextLook = Number.POSITIVE_INFINITY;
  #lastLook = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #isHeld = true;

  constructor(
    edges: { redis: Redis; keys: AccountKeys; jobs: RedisLaneJobs },
    onError: (error: Error) => void,
  ) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#jobs = edges.jobs;
    this.#onError = onError;
  }

  /** Wakes nobody until {@link go}. */
  hold(): void {
    this.#isHeld = true;
    clearTimeout(this.#timer);
    this.#nextLook = Number.POSITIVE_INFINITY;
  }

  go(): void {
    this.#isHeld = false;
    this.lookIn(0);
  }

  /** A lane comes due in so many ms. */
  lookIn(ms: number): void {
    const now = performance.now();
    const moment = Math.max(now + Math.min(ms, LONGEST_NAP_MS), this.#lastLook + SHORTEST_NAP_MS);
    if (this.#isHeld || moment >= this.#nextLook) {
      return;
    }
    clearTimeout(this.#timer);
    this.#nextLook = moment;
    this.#timer = setTimeout(() => void this.#look(), Math.max(moment - now, 0)).unref();
  }

  async #look(): Promise<void> {
    this.#nextLook = Number.POSITIVE_INFINITY;
    if (this.#isLooking) {
      this.lookIn(SHORTEST_NAP_MS);
      return;
    }
    this.#isLooking = true;
    this.#lastLook = performance.now();
    let nextInMs = LONGEST_NAP_MS;
    try {
      nextInMs = await this.#wakeDue();
    } catch (error) {
      if (this.#isHeld) return; // its connection is being closed
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isLooking = false;
    }
    this.lookIn(nextInMs);
  }

  /** Answers in how many ms to look again. */
  async #wakeDue(): Promise<number> {
    const keys = this.#keys;
    const [mark = "", nextInMs = -1, ...taken] = (await runScript(
      this.#redis,
      "takeDueLanes",
      [keys.lanesDue, keys.lanesWatched],
      [MOST_AT_ONCE, CONFIRM_MS, LONGEST_REST_MS, keys.root, PRIORITY_DEPTH],
    )) as [mark: string, nextInMs: number, ...taken: string[]];
    const lanes = inPairs(taken);
    if (lanes.length > 0) {
      await this.#jobs.wakeAll(lanes);
      const names = lanes.map(({ referralId }) => referralId);
      await runScript(this.#redis, "confirmWakes", [keys.lanesWatched], [mark, ...names]);
    }
    return nextInMs < 0 ? LONGEST_NAP_MS : nextInMs;
  }
}

function inPairs(flat: readonly string[]): LaneToWake[] {
  const lanes: LaneToWake[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const priority = flat[at + 1] === "bulk" ? "bulk" : "interactive";
    lanes.push({ referralId: flat[at] ?? "", priority });
  }
  return lanes;
}
