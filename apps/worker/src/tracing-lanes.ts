import { activeSpan, inSpan, type Span, startSpan, traceIdOf } from "@patchlane/service-kit";
import {
  type Attempt,
  type BulkWork,
  type LaneLease,
  type Lanes,
  type LaneView,
  type ReferralUpdate,
  rowOf,
  type UpdateStep,
} from "@patchlane/update-queue";
import type { StepEnd } from "./process-lane.ts";

/*
 * How the work of a lane is told in the traces of its updates.
 *
 * A step of a lane continues the trace of the first update that has one; everything it does is below it. An update of
 * another trace that is settled by it gets a span in its own trace, and both are linked. Rows of a bulk update are in
 * the trace of the request that brought them, the first thousand; those behind them each have their own, linked to it:
 * traces of a hundred thousand spans help nobody.
 */

/** Rows of a bulk update that are told in the trace of its upload. */
const MOST_ROWS_IN_A_TRACE = 1_000;
/** Bulk updates whose traces are remembered; more than run at a time. */
const MOST_REMEMBERED = 1_000;

/** An update and where it is told; a late row has only a link. */
interface Story {
  readonly trace?: string | undefined;
  readonly link?: string | undefined;
}

type TracedUpdate = ReferralUpdate & { readonly traceLink?: string };

type TraceOfBulk = BulkWork["traceOf"];

/** Lanes whose updates know their traces, and tell what becomes of them. */
export function tracedLanes(lanes: Lanes, work: Pick<BulkWork, "traceOf">): Lanes {
  const traceOf = remembering((id) => work.traceOf(id));
  return {
    rest: (referralId, restMs) => lanes.rest(referralId, restMs),
    claim: async (referralId) => {
      const claim = await lanes.claim(referralId);
      return claim.kind === "claimed"
        ? { kind: "claimed", lease: new TracedLease(claim.lease, traceOf) }
        : claim;
    },
  };
}

const STEPS = { pending: "lane step", interrupted: "establish outcome" } as const;

/** One step of a lane, told in the trace of the first update that has one. */
export function inLaneStep(
  referralId: string,
  view: Exclude<LaneView, { kind: "empty" }>,
  run: () => Promise<StepEnd>,
): Promise<StepEnd> {
  const pending: readonly TracedUpdate[] = view.pending;
  const trace = pending.find((update) => update.trace !== undefined)?.trace;
  const link = pending.find(({ traceLink }) => traceLink !== undefined)?.traceLink;
  if (trace === undefined && link === undefined) {
    return run();
  }
  const facts = {
    "patchlane.referral.id": referralId,
    "patchlane.updates": pending.length,
    "patchlane.queued_ms": view.kind === "pending" ? Math.round(view.oldestForMs) : undefined,
  };
  return inSpan(
    STEPS[view.kind],
    facts,
    async (span) => {
      const end = await run();
      const delayMs = end.kind === "later" ? Math.round(end.delayMs) : undefined;
      span.set({ "patchlane.outcome": end.kind, "patchlane.delay_ms": delayMs });
      return end;
    },
    { kind: "consumer", parent: trace ?? "root", links: trace === undefined ? [link] : [] },
  );
}

class TracedLease implements LaneLease {
  readonly #lease: LaneLease;
  readonly #traceOf: TraceOfBulk;
  #stories = new Map<string, Story>();
  /** The span of the write the updates left with, for those told elsewhere. */
  #write: string | undefined;
  #lookedAt = 0;

  constructor(lease: LaneLease, traceOf: TraceOfBulk) {
    this.#lease = lease;
    this.#traceOf = traceOf;
  }

  get referralId(): string {
    return this.#lease.referralId;
  }

  get lost(): AbortSignal {
    return this.#lease.lost;
  }

  async look(): Promise<LaneView> {
    return this.#traced(await this.#lease.look());
  }

  async atClaim(): Promise<LaneView> {
    return this.#traced(await this.#lease.atClaim());
  }

  async #traced(view: LaneView): Promise<LaneView> {
    if (view.kind === "empty") {
      return view;
    }
    const pending = await Promise.all(view.pending.map((update) => this.#withTrace(update)));
    this.#stories = new Map(
      pending.map(({ id, trace, traceLink }) => [id, { trace, link: traceLink }]),
    );
    this.#write = undefined;
    this.#lookedAt = Date.now();
    return { ...view, pending };
  }

  async #withTrace(update: ReferralUpdate): Promise<TracedUpdate> {
    const row = update.bulkUpdateId === undefined ? undefined : rowOf(update.id);
    const trace = row && (await this.#traceOf(row.bulkUpdateId));
    if (row === undefined || trace === undefined) {
      return update;
    }
    return row.rowNumber <= MOST_ROWS_IN_A_TRACE
      ? { ...update, trace }
      : { ...update, traceLink: trace };
  }

  async begin(attempt: Attempt, mostSeen?: number): ReturnType<LaneLease["begin"]> {
    const verdict = await this.#lease.begin(attempt, mostSeen);
    if (verdict === "begun") {
      const span = activeSpan();
      this.#write = span.traceparent;
      span.event("write begun", {
        "patchlane.updates": attempt.updateIds.length,
        "patchlane.operations": attempt.patch.length,
        "patchlane.request_id": attempt.requestId,
        "patchlane.client_request_id": attempt.clientRequestId,
      });
      for (const id of attempt.updateIds) {
        const { trace, link } = this.#stories.get(id) ?? {};
        if (!isIn(trace, span)) {
          span.link(trace ?? link);
        }
      }
    }
    return verdict;
  }

  assertOwned(): void {
    this.#lease.assertOwned();
  }

  async settle(steps: readonly UpdateStep[], isAttemptOver: boolean): Promise<void> {
    await this.#lease.settle(steps, isAttemptOver);
    const span = activeSpan();
    for (const step of steps) {
      this.#tell(step, span);
    }
  }

  #tell(step: UpdateStep, here: Span): void {
    const { trace, link } = this.#stories.get(step.id) ?? {};
    const facts = factsOf(step);
    if (trace === undefined || isIn(trace, here)) {
      here.event("update settled", facts);
      return;
    }
    const there = startSpan("update settled", facts, {
      kind: "consumer",
      parent: trace,
      links: [this.#write ?? here.traceparent, link],
      startedAt: this.#lookedAt,
    });
    if (step.state === "FAILED") {
      there.fail(step.error?.code ?? "FAILED");
    }
    there.end();
    here.link(there.traceparent);
  }

  handBack(restMs?: number): Promise<void> {
    return this.#lease.handBack(restMs);
  }
}

function isIn(trace: string | undefined, { traceparent }: Span): boolean {
  return (
    trace !== undefined && traceparent !== undefined && traceIdOf(trace) === traceIdOf(traceparent)
  );
}

function factsOf(step: UpdateStep) {
  return {
    "patchlane.update.id": step.id,
    "patchlane.update.state": step.state,
    "patchlane.failure.code": step.error?.code,
    "patchlane.fold_limit": step.foldLimit,
    "patchlane.troubles": step.troubles,
    "patchlane.rebases": step.rebases,
  };
}

/** The trace of a bulk update never changes once its rows run. */
function remembering(traceOf: TraceOfBulk): TraceOfBulk {
  const known = new Map<string, Promise<string | undefined>>();
  return (id) => {
    const found = known.get(id) ?? traceOf(id);
    known.delete(id); // the ones asked for last stay
    known.set(id, found);
    found.catch(() => known.delete(id));
    for (const oldest of known.keys()) {
      if (known.size <= MOST_REMEMBERED) break;
      known.delete(oldest);
    }
    return found;
  };
}
