import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import { isBulkUpdateId } from "./bulk-row-id.ts";
import { cancelRows, retryRows } from "./bulk-rows.ts";
import type { BulkAction, BulkUpdate } from "./bulk-update.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { isRedisTrouble } from "./redis-connection.ts";
import { runScript } from "./redis-scripts.ts";

/** Rows cancelled or queued again in one step. */
const ROWS_A_STEP = 500;
/** ms a caller waits for the rows to follow; what is left then follows by itself. */
const FOLLOW_MS = 1_000;

type Action = "pause" | "resume" | "cancel" | "retry";

interface SteeringEdges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly codec: PayloadCodec;
  readonly retentionMs: number;
  /** A bulk update as it is now. */
  readonly get: (id: string) => Promise<BulkUpdate | undefined>;
}

/** What callers do to a bulk update on its way: one step for the whole, then its rows follow. */
export class BulkSteering {
  readonly #edges: SteeringEdges;

  constructor(edges: SteeringEdges) {
    this.#edges = edges;
  }

  pause(id: string, by: string): Promise<BulkAction> {
    return this.#steer(id, "pause", this.#edges.codec.seal(by));
  }

  resume(id: string): Promise<BulkAction> {
    return this.#steer(id, "resume");
  }

  async cancel(id: string): Promise<BulkAction> {
    return this.#follow(id, await this.#steer(id, "cancel"), (after) =>
      cancelRows(this.#edges, id, ROWS_A_STEP, after),
    );
  }

  async retry(id: string): Promise<BulkAction> {
    return this.#follow(id, await this.#steer(id, "retry"), async () =>
      (await retryRows(this.#edges, id, ROWS_A_STEP)) ? 1 : 0,
    );
  }

  async #steer(id: string, action: Action, by = ""): Promise<BulkAction> {
    if (!isBulkUpdateId(id)) {
      return { kind: "unknown" };
    }
    const { redis, keys, retentionMs, get } = this.#edges;
    const args = [keys.root, id, action, by, retentionMs];
    const verdict = await runScript(redis, "steerBulk", [keys.bulk(id)], args);
    const bulkUpdate = verdict === "" ? undefined : await get(id);
    if (bulkUpdate === undefined) {
      return { kind: "unknown" };
    }
    return Array.isArray(verdict)
      ? { kind: "refused", message: refusal(action, String(verdict[1])), bulkUpdate }
      : { kind: "done", bulkUpdate };
  }

  /** Lets the rows follow, for as long as a caller can wait; the leader sees to the rest. */
  async #follow(
    id: string,
    action: BulkAction,
    step: (after: number) => Promise<number>,
  ): Promise<BulkAction> {
    if (action.kind !== "done") {
      return action;
    }
    const deadline = performance.now() + FOLLOW_MS;
    let after = 0;
    try {
      do {
        after = await step(after);
      } while (after > 0 && performance.now() < deadline);
    } catch (error) {
      if (!isRedisTrouble(error)) {
        throw error;
      }
    }
    return { kind: "done", bulkUpdate: (await this.#edges.get(id)) ?? action.bulkUpdate };
  }
}

function refusal(action: Action, state: string): string {
  switch (action) {
    case "pause":
      return `Only a bulk update that is RUNNING can be paused; this one is ${state}`;
    case "resume":
      return `Only a bulk update that is PAUSED can be resumed; this one is ${state}`;
    case "cancel":
      return `A bulk update that is over cannot be cancelled; this one is ${state}`;
    default:
      return `Failed rows can be retried when the bulk update is COMPLETED_WITH_ERRORS; this one is ${state}`;
  }
}
