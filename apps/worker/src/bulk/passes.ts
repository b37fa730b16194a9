import type { PartnerCenterError } from "@patchlane/partner-center";
import type { PassProgress } from "@patchlane/update-queue";
import { inPassSpan } from "../tracing-pass.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import { beginPass, type PassNeed, planPass } from "./plan-pass.ts";
import { runPass } from "./run-pass.ts";
import { pauseFor, RunEndedError, type Turn } from "./turn.ts";

/** ms between looks whether any of those that wait for a pass may go on. */
const LOOK_EVERY_MS = 100;

/** Who asks for a pass. */
export interface PassRequest {
  readonly bulkUpdateId: string;
  readonly need: PassNeed;
  readonly isNeeded: (lane: string) => boolean;
  /** Aborted when it is not interested any more. */
  readonly stopping: AbortSignal;
  /** Whether it may make calls at the moment; paused, it may not. */
  readonly isGoing: () => boolean;
}

/** How a pass ended for who asked: why the list could not be read; undefined when it was, or was not worth it. */
export type PassEnd = PartnerCenterError | undefined;

interface Waiting {
  readonly request: PassRequest;
  readonly resolve: (end: PassEnd) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads the list for those who ask, one pass at a time. A pass serves all that asked before it began; who asks later gets the
 * next one, which is short.
 */
export class Passes {
  readonly #edges: BulkEdges;
  /** Until the upstream is well. */
  readonly #untilOpen: (stopping: AbortSignal) => Promise<AbortSignal>;
  readonly #stopping: AbortSignal;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(
    edges: BulkEdges,
    untilOpen: (stopping: AbortSignal) => Promise<AbortSignal>,
    stopping: AbortSignal,
  ) {
    this.#edges = edges;
    this.#untilOpen = untilOpen;
    this.#stopping = stopping;
  }

  /** Resolves when there is evidence for the bulk update, or none to be had. */
  ask(request: PassRequest): Promise<PassEnd> {
    const { stopping } = request;
    let leave = (): void => {};
    const end = new Promise<PassEnd>((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      // The pass may go on for minutes, for the others. When all of it ends, its last page is waited for.
      leave = () => {
        if (!this.#stopping.aborted) {
          reject(new RunEndedError("the run ended"));
        }
      };
      stopping.addEventListener("abort", leave);
    });
    void this.#run();
    return end.finally(() => stopping.removeEventListener("abort", leave));
  }

  async #run(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#serve(await this.#untilAllAsked());
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Bulk updates that were committed together ask within a moment. */
  async #untilAllAsked(): Promise<readonly Waiting[]> {
    await pauseFor(LOOK_EVERY_MS, this.#stopping).catch(() => undefined);
    const asked = this.#waiting;
    this.#waiting = [];
    return asked.filter(({ request, reject }) => {
      if (request.stopping.aborted) {
        reject(new RunEndedError("the run ended"));
      }
      return !request.stopping.aborted;
    });
  }

  async #serve(asked: readonly Waiting[]): Promise<void> {
    if (asked.length === 0) {
      return;
    }
    try {
      const left = await this.#edges.survey.progress();
      const heirs = asked.filter(({ request }) => left?.serves.includes(request.bulkUpdateId));
      // What a leader that died had begun goes on for those it was begun for; the others are next.
      const served = left !== undefined && heirs.length > 0 ? heirs : asked;
      this.#waiting.unshift(...asked.filter((each) => !served.includes(each)));
      const progress = served === heirs ? left : await this.#begin(served);
      const end = progress === undefined ? undefined : await this.#read(progress, served);
      for (const { resolve } of served) {
        resolve(end);
      }
    } catch (error) {
      for (const { reject } of asked) {
        reject(error);
      }
      this.#waiting = this.#waiting.filter((each) => !asked.includes(each));
    }
  }

  async #begin(served: readonly Waiting[]): Promise<PassProgress | undefined> {
    const now = this.#edges.now();
    const known = await this.#edges.survey.knowledge();
    const needs = served.map(({ request }) => request.need);
    const need: PassNeed = {
      // They may need the same referrals: what the neediest of them saves is saved for certain.
      reads: Math.max(...needs.map(({ reads }) => reads)),
      unknown: Math.max(...needs.map(({ unknown }) => unknown)),
      hasExternalIds: needs.some(({ hasExternalIds }) => hasExternalIds),
      mustCover: needs.some(({ mustCover }) => mustCover),
    };
    const kind = planPass(need, known, now);
    const serves = served.map(({ request }) => request.bulkUpdateId);
    const { reads: budget, mustCover } = need;
    return kind === "none" ? undefined : beginPass(kind, known, { serves, budget, mustCover, now });
  }

  async #read(progress: PassProgress, served: readonly Waiting[]): Promise<PassEnd> {
    const requests = served.map(({ request }) => request);
    const abandoned = new AbortController();
    const stopping = AbortSignal.any([this.#stopping, abandoned.signal]);
    const look = (): void => {
      if (requests.every((request) => request.stopping.aborted)) {
        abandoned.abort();
      }
    };
    for (const request of requests) {
      request.stopping.addEventListener("abort", look);
    }
    const turn: Turn = async () => {
      for (;;) {
        look();
        const signal = await this.#untilOpen(stopping);
        if (requests.some((request) => request.isGoing() && !request.stopping.aborted)) {
          return signal;
        }
        await pauseFor(LOOK_EVERY_MS, stopping);
      }
    };
    const isNeeded = (lane: string): boolean => requests.some((each) => each.isNeeded(lane));
    try {
      const served = requests.map(({ bulkUpdateId }) => bulkUpdateId);
      const end = await inPassSpan(this.#edges.work, served, progress.kind, () =>
        runPass(this.#edges, progress, { turn, stopping, isNeeded }),
      );
      this.#edges.log.info(
        { kind: progress.kind, ...(end === undefined ? {} : { reason: String(end) }) },
        end === undefined ? "the referral list was read" : "reading the referral list was given up",
      );
      return end === "tooDear" ? undefined : end;
    } finally {
      for (const request of requests) {
        request.stopping.removeEventListener("abort", look);
      }
    }
  }
}
