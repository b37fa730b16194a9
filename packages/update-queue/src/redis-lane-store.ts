import { randomUUID } from "node:crypto";
import { laneName } from "./account-keys.ts";
import { type ClaimResult, type Lanes, LONGEST_REST_MS } from "./lanes.ts";
import { claimLane, type LaneEdges, RedisLaneLease } from "./redis-lane-lease.ts";
import { runScript } from "./redis-scripts.ts";

/** The lanes of one account, in Redis. */
export class RedisLaneStore implements Lanes {
  readonly #edges: LaneEdges;

  constructor(edges: LaneEdges) {
    this.#edges = edges;
  }

  async claim(referralId: string): Promise<ClaimResult> {
    const token = randomUUID();
    const askedAt = performance.now();
    const reply = await claimLane(this.#edges, referralId, token, false);
    switch (reply[0]) {
      case "busy":
      case "resting":
        return { kind: reply[0], retryInMs: Math.max(reply[1], 0) };
      case "empty":
        return { kind: "empty" };
      default: {
        const claimed = { shown: reply, askedAt };
        return {
          kind: "claimed",
          lease: new RedisLaneLease(this.#edges, referralId, token, claimed),
        };
      }
    }
  }

  async rest(referralId: string, restMs: number): Promise<void> {
    const { redis, keys } = this.#edges;
    await runScript(
      redis,
      "restLane",
      [keys.lanesDue],
      [laneName(referralId), Math.min(Math.ceil(restMs), LONGEST_REST_MS)],
    );
  }
}
