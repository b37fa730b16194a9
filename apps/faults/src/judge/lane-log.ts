import type { UpdateFate } from "../gateway.ts";
import type { Accepted } from "../submitter.ts";
import type { UpstreamRequest } from "../upstream.ts";

/** One write as the upstream saw it, and the values it carried. */
export interface Write {
  readonly request: UpstreamRequest;
  readonly tokens: ReadonlySet<string>;
}

/** An accepted update and what callers are told of it. */
export interface Judged {
  readonly update: Accepted;
  readonly fate: UpdateFate | undefined;
}

/** Everything about one referral: its updates in the order of acceptance, its writes in the order of arrival. */
export interface LaneLog {
  readonly referralId: string;
  readonly updates: readonly Judged[];
  readonly writes: readonly Write[];
  readonly applied: readonly Write[];
}

/** Sorts what happened by referral. */
export function laneLogs(
  referralIds: Iterable<string>,
  accepted: readonly Accepted[],
  fates: ReadonlyMap<string, UpdateFate>,
  requests: readonly UpstreamRequest[],
): LaneLog[] {
  const updates = Map.groupBy(accepted, ({ referralId }) => referralId);
  const patches = requests.filter(({ method }) => method === "PATCH");
  const writes = Map.groupBy(patches, ({ referralId }) => referralId ?? "");
  return [...referralIds].map((referralId) => {
    const ofLane = (writes.get(referralId) ?? [])
      .toSorted((a, b) => a.seq - b.seq)
      .map((request) => ({ request, tokens: new Set(textsIn(request.body)) }));
    return {
      referralId,
      updates: (updates.get(referralId) ?? []).map((update) => ({
        update,
        fate: fates.get(update.id),
      })),
      writes: ofLane,
      applied: ofLane.filter(({ request }) => request.applied),
    };
  });
}

/** Every text anywhere in a body: however an engine words its patch, the value must be in it. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") {
    yield value;
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) {
      yield* textsIn(inner);
    }
  }
}

/** Whether the upstream has it, as callers are told. */
export function isApplied({ fate }: Judged): boolean {
  return fate?.state === "APPLIED" || fate?.state === "UNCHANGED";
}
