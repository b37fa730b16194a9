import type { Gateway } from "./gateway.ts";
import { changesOf, type Effect, type Load, planLane } from "./load.ts";
import { seededRandom } from "./random.ts";
import { sleep } from "./sleep.ts";

/** One update that a caller knows to be accepted. */
export interface Accepted extends Effect {
  readonly id: string;
  readonly referralId: string;
}

/** ms between tries of a caller whose request got no definite answer. */
const RETRY_MS = 100;
/** Keeps the trouble's randomness apart from the lanes'. */
const FIRST_STREAM = 1;
/** Less than a request may take. */
const LONGEST_WAIT_MS = 10_000;

/** Lanes that are submitted to at once; a gateway may refuse more connections. */
const CALLERS = 100;

/** Callers that submit updates, each lane in order by one of them; each asks again until it knows. */
export class Submitter {
  readonly #gateway: Gateway;
  readonly #seed: number;
  /** Of each lane in the order of acceptance. */
  readonly accepted: Accepted[] = [];
  /** ms the slowest accepted request took; with `isOneByOne` its outcome is waited for. */
  longestMs = 0;
  /** Requests that said "unavailable", or got no answer. */
  unanswered = 0;

  constructor(gateway: Gateway, seed: number) {
    this.#gateway = gateway;
    this.#seed = seed;
  }

  /** Resolves when everything is accepted; gives up when `mayGoOn` no longer holds. */
  async submit(
    referralIds: readonly string[],
    load: Load,
    mayGoOn: () => boolean = () => true,
  ): Promise<void> {
    const lanes = referralIds.entries();
    const caller = async (): Promise<void> => {
      for (const [lane, referralId] of lanes) {
        await this.#submitLane(lane, referralId, load, mayGoOn);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  async #submitLane(
    lane: number,
    referralId: string,
    load: Load,
    mayGoOn: () => boolean,
  ): Promise<void> {
    const random = seededRandom(this.#seed, FIRST_STREAM + lane);
    for (const [i, effect] of planLane(lane, random, load).entries()) {
      if (!(await this.#submitOne(referralId, effect, `${lane}-${i}`, load, mayGoOn))) {
        return;
      }
      if (load.pauseMs !== undefined) {
        await sleep(random.between(0, load.pauseMs * 2));
      }
    }
  }

  async #submitOne(
    referralId: string,
    effect: Effect,
    key: string,
    load: Load,
    mayGoOn: () => boolean,
  ): Promise<boolean> {
    const input = {
      referralId,
      changes: changesOf(effect),
      waitMs: load.isOneByOne ? LONGEST_WAIT_MS : 0,
      idempotencyKey: `fault-${key}`,
    };
    while (mayGoOn()) {
      const askedAt = performance.now();
      const answer = await this.#gateway.submit(input);
      if (answer.kind === "accepted") {
        this.longestMs = Math.max(this.longestMs, performance.now() - askedAt);
        this.accepted.push({ id: answer.id, referralId, ...effect });
        return true;
      }
      this.unanswered += 1;
      await sleep(RETRY_MS);
    }
    return false;
  }
}
