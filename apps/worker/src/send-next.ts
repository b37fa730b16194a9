import { isDeepStrictEqual } from "node:util";
import { inSpan } from "@patchlane/service-kit";
import {
  type KnownState,
  type LaneView,
  MOST_PENDING_SHOWN,
  type ReferralUpdate,
} from "@patchlane/update-queue";
import { needsState } from "./decide.ts";
import { makeWrite } from "./make-write.ts";
import { companions, planWrite } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { readNow, recall } from "./read-state.ts";
import { refuseTogether } from "./refused-together.ts";
import { afterFailedRead } from "./trouble.ts";

type PendingView = Extract<LaneView, { kind: "pending" }>;

/** Takes the next updates of a lane as far as they go: decided, sent as one PATCH, written down. */
export async function sendNext(
  step: LaneStep,
  { pending, knownEtag }: PendingView,
): Promise<StepEnd> {
  const candidates = companions(pending);
  let planned: { plan: ReturnType<typeof planWrite>; state: KnownState | undefined };
  try {
    planned = await inSpan("decide", { "patchlane.updates": candidates.length }, () =>
      planWithState(step, candidates),
    );
  } catch (error) {
    return afterFailedRead(step, candidates, error);
  }
  const { plan, state } = planned;
  if (plan.failures.length + plan.unchanged.length > 0) {
    await step.lease.settle(
      [
        ...plan.failures.map(({ update: { id }, error }) => ({
          id,
          state: "FAILED" as const,
          error,
        })),
        ...plan.unchanged.map(({ id, isInDoubt }) => ({
          id,
          // As wanted, and a write of it may be why.
          state: isInDoubt ? ("APPLIED" as const) : ("UNCHANGED" as const),
          ...(isInDoubt && state?.etag !== undefined ? { etag: state.etag } : {}),
        })),
      ],
      false,
    );
  }
  if (plan.write === undefined) {
    return { kind: "goOn" };
  }
  const refused = step.memory.refusedBlind.get(plan.write.parts[0].update.id);
  if (refused !== undefined && isDeepStrictEqual(plan.write.patch, refused.patch)) {
    return refuseTogether(step, plan.write, refused.failure, undefined);
  }
  const settled = plan.failures.length + plan.unchanged.length;
  const mayGrow =
    settled + plan.write.parts.length === pending.length && pending.length < MOST_PENDING_SHOWN;
  return makeWrite(step, {
    write: plan.write,
    state,
    knownEtag,
    seen: mayGrow ? pending.length - settled : undefined,
  });
}

/**
 * Reads only when it pays: not at all when no decision needs the state; not when one is known and everything is to
 * be written, since the write carries its ETag; else once.
 */
async function planWithState(step: LaneStep, candidates: readonly ReferralUpdate[]) {
  const { memory } = step;
  const wasRefused = candidates.some(({ id }) => memory.refusedBlind.has(id));
  if (!wasRefused && !candidates.some(needsState)) {
    return { plan: planWrite(candidates, undefined), state: undefined };
  }
  const read = () => readNow(step, candidates);
  const known = await recall(step);
  const seen = known === undefined || (wasRefused && !known.isFresh) ? await read() : known;
  const plan = planWrite(candidates, seen.state);
  if (seen.isFresh || plan.failures.length + plan.unchanged.length === 0) {
    return { plan, state: seen.state };
  }
  const { state } = await read();
  return { plan: planWrite(candidates, state), state };
}
