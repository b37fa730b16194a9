import type { AccountStatus, Probe } from "@patchlane/update-queue";
import type { LaneLog } from "./lane-edges.ts";
import type { ProbeFinding } from "./probe-upstream.ts";

/*
 * The breaker of one worker process.
 *
 *   unknown  until Redis was asked for the first time: nothing is taken.
 *   open     lane jobs run.
 *   ajar     the upstream answers again, but no write was taken since: one lane of each priority runs at a time,
 *            and the first failure closes. Left when a write of anybody was taken.
 *   closed   the account is down or paused, as Redis says for all processes: no lane job is taken, no resting lane
 *            woken, and what only waits for its turn is handed back; a write under way ends by itself. One process
 *            at a time probes. Left for ajar when anybody got an answer: by the prober at once, by the others at
 *            their next look.
 */

/** ms between looks at what other processes know. */
const LOOK_EVERY_MS = 500;
/** The same while closed: it may be this process' turn to probe. */
const LOOK_WHILE_CLOSED_MS = 250;
/** Lanes of each priority that run while it is not known if writes are taken. */
const LANES_WHILE_AJAR = 1;

export interface GateEdges {
  readonly account: {
    get(): Promise<AccountStatus>;
    onChange(listener: () => void): () => void;
    takeProbe(): Promise<Probe | undefined>;
  };
  /** What is held while the gate is closed. */
  readonly consumer: { pause(): void; resume(most?: number): void };
  readonly probe: (signal: AbortSignal) => Promise<ProbeFinding>;
  readonly log: LaneLog;
  /** Hears what went wrong with Redis; the gate goes on. */
  readonly onError: (error: unknown) => void;
}

export class UpstreamGate {
  #edges: GateEdges | undefined;
  #state: "unknown" | "open" | "ajar" | "closed" = "unknown";
  #closing = new AbortController();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe = (): void => {};
  #looking: Promise<void> | undefined;
  #hasNews = false;
  #isProbing = false;

  /** Aborted as long as the gate is closed; another one after it opened. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Starts to look. What `consumer` holds must have been paused until then. */
  start(edges: GateEdges): void {
    this.#edges = edges;
    this.#unsubscribe = edges.account.onChange(() => this.#look());
    this.#look();
  }

  /** Gives a probe under way up, for another process to make. Waits for nothing. */
  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
    this.#stopping.abort(new Error("the worker is stopping"));
  }

  #look(): void {
    this.#hasNews = true;
    this.#looking ??= this.#lookWhileNews().finally(() => {
      this.#looking = undefined;
      if (!this.#stopping.signal.aborted) {
        clearTimeout(this.#timer);
        const inMs = this.#state === "closed" ? LOOK_WHILE_CLOSED_MS : LOOK_EVERY_MS;
        this.#timer = setTimeout(() => this.#look(), inMs).unref();
      }
    });
  }

  async #lookWhileNews(): Promise<void> {
    const edges = this.#edges;
    while (edges !== undefined && this.#hasNews && !this.#stopping.signal.aborted) {
      this.#hasNews = false;
      try {
        this.#follow(edges, await edges.account.get());
        await this.#probeIfDue(edges);
      } catch (error) {
        edges.onError(error);
      }
    }
  }

  #follow(edges: GateEdges, { isDown, pausedReason, isUnproven }: AccountStatus): void {
    const isClosed = isDown || pausedReason !== undefined;
    const state = isClosed ? "closed" : isUnproven ? "ajar" : "open";
    if (state === this.#state || this.#stopping.signal.aborted) {
      return;
    }
    const wasClosed = this.#state === "closed";
    this.#state = state;
    if (state !== "closed") {
      if (wasClosed) {
        this.#closing = new AbortController();
        edges.log.info({}, "the upstream answers, going on");
      }
      edges.consumer.resume(state === "ajar" ? LANES_WHILE_AJAR : undefined);
      return;
    }
    edges.consumer.pause();
    this.#closing.abort(new Error("the upstream is in trouble"));
    edges.log.warn(
      { reason: pausedReason ?? "the upstream is down" },
      pausedReason === undefined ? "nothing is sent" : "account paused",
    );
  }

  async #probeIfDue(edges: GateEdges): Promise<void> {
    if (this.#state !== "closed" || this.#isProbing) {
      return;
    }
    const probe = await edges.account.takeProbe();
    if (probe !== undefined) {
      this.#isProbing = true;
      this.#probe(edges, probe)
        .catch(edges.onError)
        .finally(() => {
          this.#isProbing = false;
        });
    }
  }

  async #probe(edges: GateEdges, probe: Probe): Promise<void> {
    const found = await edges.probe(this.#stopping.signal);
    if (found === "answered") {
      await probe.answered();
    } else if (this.#stopping.signal.aborted) {
      await probe.abandon();
    } else {
      await probe.failed(found);
    }
  }
}
