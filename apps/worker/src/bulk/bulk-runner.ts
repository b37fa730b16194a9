import type { ActiveBulkUpdate } from "@patchlane/update-queue";
import type { BulkEdges } from "./bulk-edges.ts";
import { runBulk } from "./bulk-run.ts";
import { FeedShares } from "./feed.ts";
import { Hold } from "./hold.ts";
import { Passes } from "./passes.ts";
import { pauseFor, RunEndedError } from "./turn.ts";

/*
 * One process of the account leads its bulk updates.
 *
 *   follower   asks for the lead every second.
 *   leader     keeps asking, and looks at the bulk updates there are; each has a run of its own. Left when another process has
 *              the lead (this one was paused for longer than it lasts), or when it stops: then it resigns.
 */

const ASK_FOR_LEAD_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 200;
const DISCARD_EVERY_MS = 10_000;
/** ms until a run that failed, or left something, is begun again from its checkpoint. */
const AGAIN_AFTER_MS = 1_000;
/** ms a stop waits for what is under way; without Redis it would be for ever. */
const STOP_PATIENCE_MS = 2_000;
/** Rows of a cancelled bulk update taken back in one step. */
const ROWS_A_STEP = 500;

interface RunOf {
  bulk: ActiveBulkUpdate;
  readonly kind: "work" | "cancel";
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/** Leads, or stands by to lead, the bulk updates of the account. */
export class BulkRunner {
  readonly #edges: BulkEdges;
  readonly #onError: (error: unknown) => void;
  readonly #hold = new Hold();
  readonly #stopping = new AbortController();
  readonly #runs = new Map<string, RunOf>();
  #leading: { readonly over: AbortController; readonly ended: Promise<void> } | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(edges: BulkEdges, onError: (error: unknown) => void) {
    this.#edges = edges;
    this.#onError = onError;
  }

  /** Starts to stand by; upstream calls and wake-ups wait for {@link resume}. */
  start(): void {
    this.#ended = this.#standBy();
  }

  /** Makes no upstream calls and wakes no lanes: the upstream is in trouble. */
  pause(): void {
    this.#hold.pause();
  }

  resume(): void {
    this.#hold.resume();
  }

  /** Ends at the next step, wherever that is, and lets another process lead. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the worker is stopping"));
    const patience = new AbortController();
    const tooLong = pauseFor(STOP_PATIENCE_MS, patience.signal).catch(() => undefined);
    await Promise.race([this.#ended, tooLong]);
    patience.abort();
  }

  #report(error: unknown): void {
    if (!this.#stopping.signal.aborted) {
      this.#onError(error); // afterwards its connection may be closed under it
    }
  }

  async #standBy(): Promise<void> {
    const { work } = this.#edges;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const leads = await work.lead();
        if (leads && this.#leading === undefined && !signal.aborted) {
          const over = new AbortController();
          this.#leading = { over, ended: this.#lead(over.signal) };
        } else if (!leads) {
          await this.#stepDown();
        }
      } catch (error) {
        this.#report(error);
      }
      await pauseFor(ASK_FOR_LEAD_EVERY_MS, signal).catch(() => undefined);
    }
    await this.#stepDown();
    await work.resign().catch((error: unknown) => this.#report(error));
  }

  async #stepDown(): Promise<void> {
    this.#leading?.over.abort();
    await this.#leading?.ended;
    this.#leading = undefined;
  }

  async #lead(over: AbortSignal): Promise<void> {
    const shares = new FeedShares(this.#edges.budget);
    const untilOpen = async (stopping: AbortSignal): Promise<AbortSignal> => {
      await this.#hold.passed(stopping);
      return AbortSignal.any([stopping, this.#hold.closing]);
    };
    const passes = new Passes(this.#edges, untilOpen, over);
    let discardedAt = Number.NEGATIVE_INFINITY;
    while (!over.aborted) {
      try {
        const active = await this.#edges.work.active();
        this.#follow(active, over, { shares, passes, untilOpen });
        if (performance.now() - discardedAt > DISCARD_EVERY_MS) {
          discardedAt = performance.now();
          await this.#edges.work.discardAbandoned();
        }
      } catch (error) {
        this.#report(error);
      }
      await pauseFor(LOOK_EVERY_MS, over).catch(() => undefined);
    }
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
  }

  /** Has a run for every bulk update there is, and ends those of the others. */
  #follow(active: readonly ActiveBulkUpdate[], over: AbortSignal, shared: Shared): void {
    const ids = new Set(active.map(({ id }) => id));
    for (const [id, { stopping }] of this.#runs) {
      if (!ids.has(id)) {
        stopping.abort();
      }
    }
    for (const bulk of active) {
      const kind = bulk.state === "CANCELLED" ? "cancel" : "work";
      const run = this.#runs.get(bulk.id);
      if (run === undefined) {
        this.#runs.set(bulk.id, this.#begin(bulk, kind, over, shared));
      } else {
        run.bulk = bulk;
        if (run.kind !== kind) {
          run.stopping.abort(); // the next look begins the other kind
        }
      }
    }
  }

  #begin(bulk: ActiveBulkUpdate, kind: RunOf["kind"], over: AbortSignal, shared: Shared): RunOf {
    const stopping = new AbortController();
    const ends = AbortSignal.any([over, stopping.signal]);
    const { id } = bulk;
    const isGoing = (): boolean => this.#runs.get(id)?.bulk.state === "RUNNING";
    const untilGoing = async (): Promise<void> => {
      while (!ends.aborted && !isGoing()) {
        await pauseFor(LOOK_EVERY_MS / 2, ends);
      }
      if (ends.aborted) {
        throw new RunEndedError("the run ended");
      }
    };
    const work = async (): Promise<void> => {
      await Promise.resolve(); // its entry in the list comes first
      if (kind === "cancel") {
        await this.#cancel(id, ends);
        return;
      }
      await runBulk(this.#edges, {
        id,
        bulk: () => this.#runs.get(id)?.bulk ?? bulk,
        turn: async () => {
          await untilGoing();
          const signal = await shared.untilOpen(ends);
          await untilGoing();
          return signal;
        },
        step: untilGoing,
        stopping: ends,
        isGoing,
        passes: shared.passes,
        shares: shared.shares,
      });
    };
    const ended = work()
      .catch(async (error: unknown) => {
        if (!(error instanceof RunEndedError)) {
          this.#report(error);
        }
      })
      .then(() => pauseFor(AGAIN_AFTER_MS, ends).catch(() => undefined))
      .finally(() => this.#runs.delete(id));
    return { bulk, kind, stopping, ended };
  }

  async #cancel(id: string, ends: AbortSignal): Promise<void> {
    let after = 0;
    do {
      after = await this.#edges.work.cancelRows(id, ROWS_A_STEP, after);
      await pauseFor(0, ends);
    } while (after > 0);
  }
}

interface Shared {
  readonly shares: FeedShares;
  readonly passes: Passes;
  readonly untilOpen: (stopping: AbortSignal) => Promise<AbortSignal>;
}
