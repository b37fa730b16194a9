import type { DueCallback, DueCallbacks } from "@patchlane/update-queue";

/** Callbacks under way at a time in one process: a receiver that does not answer holds one for ten seconds. */
const MOST_AT_ONCE = 16;
/** Most ms between two looks: what ended a bulk update may be any process. */
const LONGEST_NAP_MS = 1_000;
/** Least ms between two looks. */
const SHORTEST_NAP_MS = 25;
/** ms a stop waits for tries under way; what is cut off comes due again when its lease is over. */
const STOP_MS = 11_000;

export interface CallbackRunnerEdges {
  readonly take: (most: number) => Promise<DueCallbacks>;
  readonly deliver: (callback: DueCallback) => Promise<void>;
  /** Hears what went wrong with Redis; the runner goes on. */
  readonly onError: (error: unknown) => void;
}

/** Makes callbacks that are due, in every worker: whichever takes one makes it. */
export class CallbackRunner {
  readonly #edges: CallbackRunnerEdges;
  readonly #underWay = new Set<Promise<void>>();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(edges: CallbackRunnerEdges) {
    this.#edges = edges;
  }

  /** Looks now, and from then on again and again. */
  start(): void {
    this.#looking = this.#look();
  }

  /** Takes nothing new and waits for what is under way, within bounds. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const isOver = new AbortController();
    const tooLong = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, STOP_MS);
      isOver.signal.addEventListener("abort", () => clearTimeout(timer));
    });
    // A look under way may still take some: nobody else would have them before their lease is over.
    const atRest = this.#looking.then(() => Promise.all(this.#underWay));
    await Promise.race([atRest, tooLong]);
    isOver.abort();
  }

  async #look(): Promise<void> {
    let napMs = LONGEST_NAP_MS;
    try {
      const free = MOST_AT_ONCE - this.#underWay.size;
      if (free > 0) {
        const { callbacks, nextInMs = LONGEST_NAP_MS } = await this.#edges.take(free);
        napMs = nextInMs;
        for (const callback of callbacks) {
          this.#deliver(callback);
        }
      }
    } catch (error) {
      if (!this.#isStopped) {
        this.#edges.onError(error);
      }
    }
    if (!this.#isStopped) {
      const boundedMs = Math.min(Math.max(napMs, SHORTEST_NAP_MS), LONGEST_NAP_MS);
      this.#timer = setTimeout(() => this.start(), boundedMs).unref();
    }
  }

  #deliver(callback: DueCallback): void {
    const delivery = this.#edges
      .deliver(callback)
      .catch(this.#edges.onError)
      .finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }
}
