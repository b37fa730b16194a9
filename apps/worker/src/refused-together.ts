import type { Attempt, UpdateFailure } from "@patchlane/update-queue";
import { inDoubt } from "./decide.ts";
import type { PlannedPart } from "./plan-write.ts";
import type { LaneStep, StepEnd } from "./process-lane.ts";
import { writeTrace } from "./write-trace.ts";

/**
 * The upstream refuses what was, or would be, sent. An update that stands alone fails; several are split: none of them
 * travels with more than half as many again, so the guilty one soon stands alone and the others are applied. Written
 * down with the updates, or a crash would fold them again and again. `onRecord` is the attempt that was begun, if any.
 */
export async function refuseTogether(
  { edges, lease }: LaneStep,
  { parts }: { readonly parts: readonly PlannedPart[] },
  failure: UpdateFailure,
  onRecord: Attempt | undefined,
): Promise<StepEnd> {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    const { update, patch } = first;
    const attempt = onRecord ?? { updateIds: [update.id] };
    await lease.settle(
      [
        {
          id: update.id,
          state: "FAILED",
          error: inDoubt(update, failure),
          ...writeTrace(update, attempt, patch, failure.clientRequestId),
        },
      ],
      onRecord !== undefined,
    );
    return { kind: "goOn" };
  }
  const foldLimit = halfOf(parts.length);
  await lease.settle(
    parts.map(({ update: { id } }) => ({ id, state: "QUEUED", foldLimit })),
    onRecord !== undefined,
  );
  edges.log.info(
    { referralId: lease.referralId, updateIds: parts.map(({ update }) => update.id) },
    "refused together, sent apart",
  );
  return { kind: "goOn" };
}

/** Most updates that may travel together after `count` did in vain. */
export function halfOf(count: number): number {
  return Math.ceil(count / 2);
}
